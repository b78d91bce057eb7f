/** CloudWatch Logs: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';

export const logs = defineService('logs', []);
