/** Resource ids in AWS's format: a prefix and 17 hexadecimal digits. */
import type { OperationContext } from '#aws/context.ts';

/** A new id, e.g. `newId(context, 'vpc')` → `vpc-0a1b2c3d4e5f60718`. */
export function newId(context: Pick<OperationContext, 'randomBytes'>, prefix: string): string {
  return `${prefix}-0${context.randomBytes(8).toString('hex')}`;
}

/** Whether `id` is a well-formed id with that prefix: 8 (old) or 17 hexadecimal digits. */
export function isIdOf(prefix: string, id: string): boolean {
  return id.startsWith(`${prefix}-`) && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(prefix.length + 1));
}
