/** Route 53: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const route53 = defineService('route53', [], { global: true });
