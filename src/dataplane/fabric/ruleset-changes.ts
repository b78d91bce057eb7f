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
const COMMAND_WEIGHT = 3;
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
  const had = new Map(before.map((one) => [keyOf(one), one]));
  const wanted = new Set(after.map(keyOf));
  const fresh = after.filter((one) => !had.has(keyOf(one)));
  const gone = before.filter((one) => !wanted.has(keyOf(one)));
  const kept = after.flatMap((one) => {
    const old = had.get(keyOf(one));
    return old === undefined ? [] : [{ old, one }];
  });
  const table = before.length === 0 && after.length > 0 ? [command(`add table ${TABLE}`)] : [];
  const commands = [
    ...table,
    ...fresh.map(declare),
    ...ordered(fresh).flatMap((one) => fill(one)),
    ...kept.flatMap(({ old, one }) => change(old, one)),
    ...gone.flatMap(empty),
    ...gone.map(({ kind, name }) => command(`delete ${kind} ${TABLE} ${name}`)),
  ];
  return transactionsOf(commands);
}

/** Sets and maps share their names, chains have theirs. */
const keyOf = ({ kind, name }: NftObject): string => `${kind === 'chain' ? kind : 'set'} ${name}`;

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
    const isSame =
      one.kind === 'chain' &&
      old.kind === 'chain' &&
      one.rules.length === old.rules.length &&
      one.rules.every((rule, at) => rule === old.rules[at]);
    return isSame || one.kind !== 'chain' ? [] : [command(`flush chain ${TABLE} ${one.name}`), ...addRules(one)];
  }
  const had = new Set(old.elements);
  const wanted = new Set(one.elements);
  const removed = old.elements.filter((element) => !wanted.has(element));
  return [...edit('delete', one, removed), ...edit('add', one, one.elements.filter((element) => !had.has(element)))]; // prettier-ignore
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
