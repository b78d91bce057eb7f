/** Checks that a record is a plain JSON value, and freezes it, so that mistakes show in tests and not after a restart. */
import { invariant } from '#store/store-error.ts';

/** Records nest less than this; a cycle nests for ever. */
const deepestLevel = 64;

/**
 * Deep-freezes a value after checking that it comes back from JSON as it is. Members that are `undefined` are allowed:
 * JSON drops them.
 * @throws Error naming the member that JSON would lose or change.
 */
export function checkAndFreeze(value: unknown, path: string, level = 0): void {
  invariant(level < deepestLevel, `${path} nests deeper than ${deepestLevel} levels, or holds itself`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), `${path} is ${value}, which JSON cannot hold`);
    return;
  }
  invariant(typeof value === 'object', `${path} is a ${typeof value}, which JSON cannot hold`);
  if (Array.isArray(value)) {
    value.forEach((element, position) => checkAndFreeze(element, `${path}[${position}]`, level + 1));
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    invariant(prototype === Object.prototype || prototype === null, `${path} is an instance of a class, which JSON cannot hold`);
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined) checkAndFreeze(member, `${path}.${name}`, level + 1);
    }
  }
  Object.freeze(value);
}
