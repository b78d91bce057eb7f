/** Elastic Load Balancing (version 2): the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const elbv2 = defineService('elbv2', []);
