/** Certificate Manager: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const acm = defineService('acm', []);
