/** Lambda: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const lambda = defineService('lambda', []);
