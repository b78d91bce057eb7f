/** Finds all values whose key a text begins with, in time that does not grow with their number. */

interface Branch<V> {
  label: string;
  readonly values: V[];
  readonly children: Map<number, Branch<V>>;
}

/** A tree of what keys have in common. */
export class PrefixTree<V> {
  private readonly root: Branch<V> = { label: '', values: [], children: new Map() };

  add(key: string, value: V): void {
    let branch = this.root;
    for (let at = 0; at < key.length;) {
      const known = branch.children.get(key.charCodeAt(at));
      if (known === undefined) {
        const leaf: Branch<V> = { label: key.slice(at), values: [], children: new Map() };
        branch.children.set(key.charCodeAt(at), leaf);
        branch = leaf;
        break;
      }
      const common = commonLength(known.label, key, at);
      branch = common === known.label.length ? known : split(branch, known, common);
      at += common;
    }
    branch.values.push(value);
  }

  /** @param visit with the values of each key that the text begins with, the shortest key first */
  visit(text: string, visit: (values: readonly V[]) => void): void {
    let branch: Branch<V> | undefined = this.root;
    let at = 0;
    while (branch !== undefined && text.startsWith(branch.label, at)) {
      at += branch.label.length;
      if (branch.values.length > 0) visit(branch.values);
      branch = at < text.length ? branch.children.get(text.charCodeAt(at)) : undefined;
    }
  }
}

function commonLength(label: string, key: string, at: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === key.charCodeAt(at + length)) length++;
  return length;
}

function split<V>(parent: Branch<V>, child: Branch<V>, length: number): Branch<V> {
  const upper: Branch<V> = { label: child.label.slice(0, length), values: [], children: new Map() };
  parent.children.set(upper.label.charCodeAt(0), upper);
  child.label = child.label.slice(length);
  upper.children.set(child.label.charCodeAt(0), child);
  return upper;
}
