/** Route 53 Domains: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const route53domains = defineService('route53domains', [], { global: true });
