/** Readers and writers of operations are compiled when they are first used, and kept. */

/** What `compile` makes of a name, made at the first call for that name. */
export function compiledOnce<T extends object>(compile: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    let one = made.get(name);
    if (one === undefined) made.set(name, (one = compile(name)));
    return one;
  };
}
