/** From one ruleset to another in commands of nft, in transactions as large as the kernel takes from an ordinary user. */
import type { ChainObject, NftObject, Ruleset, SetObject } from './nftables.ts';

/** Our table in every namespace; nobody else's is touched. */
export const TABLE = 'inet keiro';

/**
 * Most that one transaction holds, in elements. A netlink message may have 425,984 bytes (twice net.core.wmem_max, which
 * only the host's own root may exceed), and an element takes up to 150.
 */
const TRANSACTION_ELEMENTS = 1_500;
/** What a command weighs beside its elements, and a rule, in elements. */
const COMMAND_WEIGHT = 6;
/** Elements for one command. */
const COMMAND_ELEMENTS = 250;

interface Command {
  readonly text: string;
  readonly weight: number;
}

/**
 * The transactions, each a text for `nft -f`; none when nothing differs. Nearly every change is one transaction, so no packet
 * sees half of it. A larger one first adds what is new, then changes chains, then takes away what is old.
 */
export function rulesetTransactions(before: Ruleset, after: Ruleset): string[] {
  if (before === after) return [];
  const had = indexOf(before);
  const wanted = indexOf(after);
  const fresh: NftObject[] = [];
  const changes: Command[] = [];
  for (const one of after) {
    const old = had.get(keyOf(one));
    if (old === undefined) fresh.push(one);
    else if (old !== one) changes.push(...change(old, one));
  }
  const gone = before.filter((one) => !wanted.has(keyOf(one)));
  const table = before.length === 0 && after.length > 0 ? [command(`add table ${TABLE}`)] : [];
  const commands = [
    ...table,
    ...fresh.map(declare),
    ...ordered(fresh).flatMap((one) => fill(one)),
    ...changes,
    ...gone.flatMap(empty),
    ...gone.map(({ kind, name }) => command(`delete ${kind} ${TABLE} ${name}`)),
  ];
  return transactionsOf(commands);
}

const indexes = new WeakMap<Ruleset, ReadonlyMap<string, NftObject>>();

function indexOf(ruleset: Ruleset): ReadonlyMap<string, NftObject> {
  let index = indexes.get(ruleset);
  if (index === undefined) indexes.set(ruleset, (index = new Map(ruleset.map((one) => [keyOf(one), one]))));
  return index;
}

const keys = new WeakMap<NftObject, string>();

/** Sets and maps share their names, chains have theirs. */
function keyOf(one: NftObject): string {
  let key = keys.get(one);
  if (key === undefined) keys.set(one, (key = `${one.kind === 'chain' ? 'chain' : 'set'} ${one.name}`));
  return key;
}

const command = (text: string, weight: number = COMMAND_WEIGHT): Command => ({ text, weight });

function declare(one: NftObject): Command {
  return command(`add ${one.kind} ${TABLE} ${one.name}${one.head === '' ? '' : ` { ${one.head} }`}`);
}

/** Sets first: what a chain asks is there before the chain is. */
function ordered(objects: Ruleset): NftObject[] {
  return [...objects.filter(({ kind }) => kind !== 'chain'), ...objects.filter(({ kind }) => kind === 'chain')];
}

function fill(one: NftObject): Command[] {
  return one.kind === 'chain' ? addRules(one) : edit('add', one, one.elements);
}

function addRules({ name, rules }: ChainObject): Command[] {
  return rules.map((rule) => command(`add rule ${TABLE} ${name} ${rule}`));
}

function change(old: NftObject, one: NftObject): Command[] {
  if (one.kind === 'chain' || old.kind === 'chain') {
    const isSame = one.kind === 'chain' && old.kind === 'chain' && areSame(old.rules, one.rules);
    return isSame || one.kind !== 'chain' ? [] : [command(`flush chain ${TABLE} ${one.name}`), ...addRules(one)];
  }
  if (areSame(old.elements, one.elements)) return [];
  const had = new Set(old.elements);
  const wanted = new Set(one.elements);
  const removed = old.elements.filter((element) => !wanted.has(element));
  return [...edit('delete', one, removed), ...edit('add', one, one.elements.filter((element) => !had.has(element)))]; // prettier-ignore
}

/** Whether two lists are the same, in the same order. */
export function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some === others || (some.length === others.length && some.every((one, at) => one === others[at]));
}

function edit(verb: 'add' | 'delete', { name }: SetObject, elements: readonly string[]): Command[] {
  const commands: Command[] = [];
  for (let at = 0; at < elements.length; at += COMMAND_ELEMENTS) {
    const some = elements.slice(at, at + COMMAND_ELEMENTS);
    commands.push(command(`${verb} element ${TABLE} ${name} { ${some.join(', ')} }`, some.length + COMMAND_WEIGHT));
  }
  return commands;
}

/** What is taken away lets go of others first. */
function empty({ kind, name }: NftObject): Command[] {
  return [command(`flush ${kind} ${TABLE} ${name}`)];
}

function transactionsOf(commands: readonly Command[]): string[] {
  const transactions: string[][] = [];
  let weight = Infinity;
  for (const { text, weight: more } of commands) {
    if (weight + more > TRANSACTION_ELEMENTS) {
      transactions.push([]);
      weight = 0;
    }
    transactions.at(-1)?.push(text);
    weight += more;
  }
  return transactions.map((lines) => lines.join('\n'));
}
