/** Network ACLs: stateless, ordered lists on a subnet's edge; the first entry that matches decides. */
import { blockHolds, compileBlock, type BlockMatch } from '#engine/block-match.ts';
import type { Flow } from '#model/flow.ts';
import { ALL_PROTOCOLS } from '#model/protocol-number.ts';
import type { AccessEntry, AccessList, Direction } from '#model/topology.ts';
import { trafficKeys } from '#model/traffic.ts';

/** How a list denies what no entry names. */
export const IMPLICIT_DENY = '*';

export interface AccessVerdict {
  readonly allowed: boolean;
  /** The number of the entry that decided, or `IMPLICIT_DENY`. */
  readonly rule: string;
}

interface CompiledEntry extends AccessVerdict {
  readonly protocol: number;
  /** Range of `Flow.destinationPort`. */
  readonly from: number;
  readonly to: number;
  readonly block: BlockMatch;
}

const DENIED: AccessVerdict = { allowed: false, rule: IMPLICIT_DENY };
const lists = new WeakMap<AccessList, Record<Direction, readonly CompiledEntry[]>>();

/**
 * What the list says of a packet in a direction, looking at its source on the way in and its destination on the way out.
 * The packet alone counts: an answer is judged by its own, ephemeral destination port (vpc-network-acls, "Ephemeral ports").
 */
export function judgeByAccessList(list: AccessList, direction: Direction, flow: Flow): AccessVerdict {
  let compiled = lists.get(list);
  if (compiled === undefined) lists.set(list, (compiled = { in: compileEntries(list, 'in'), out: compileEntries(list, 'out') }));
  const peer = direction === 'in' ? flow.source : flow.destination;
  for (const entry of compiled[direction]) {
    if (entry.protocol !== ALL_PROTOCOLS) {
      if (entry.protocol !== flow.protocol || flow.destinationPort < entry.from || flow.destinationPort > entry.to) continue;
    }
    if (blockHolds(entry.block, peer)) return entry;
  }
  return DENIED;
}

function compileEntries(list: AccessList, direction: Direction): CompiledEntry[] {
  return list.entries
    .filter((entry) => entry.direction === direction)
    .sort((a, b) => a.number - b.number)
    .map(compileEntry);
}

function compileEntry({ number, action, traffic, cidr }: AccessEntry): CompiledEntry {
  const { from, to } = trafficKeys(traffic);
  return { allowed: action === 'allow', rule: `${number}`, protocol: traffic.protocol, from, to, block: compileBlock(cidr) };
}
