/** Sets of records among which something is decided when they are asked for: by a routing policy, by health, or by what an alias stands for. */
import { distance, regionPlaces, type Place } from '#model/places.ts';
import type { RecordSet, Routing } from '#model/hosted-zone.ts';
import { Draft } from '#dataplane/dns/authority/record-bytes.ts';
import { wireOf } from '#dataplane/dns/authority/wire-name.ts';

/** What is known of a health check or an alias's target; shared by all sets that go by it. */
export interface Health {
  isHealthy: boolean;
}

export interface Member {
  readonly routing: Routing;
  /** Each behind a pointer to the question's name; none for an alias. */
  readonly records: Uint8Array;
  readonly count: number;
  readonly check: Health | undefined;
  readonly alias: AliasTarget | undefined;
}

export interface AliasTarget {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly isInZone: boolean;
  /** Absent: whatever the target's health is, the alias is healthy. */
  readonly health: Health | undefined;
}

export interface RecordGroup {
  readonly type: number;
  readonly policy: Routing['policy'];
  /** Of failover: the primary one first. */
  readonly members: readonly Member[];
  /** Of members by weight: the sum. */
  readonly weight: number;
  /** Of members by latency: those that were chosen among for a place, the nearest first. */
  readonly nearest: Map<Place, readonly Member[]>;
}

/** Healths by the id of a check, and by the name of a target. */
export interface Healths {
  check(id: string): Health;
  target(name: string): Health;
}

const draft = new Draft();

/** Whether sets of one name and type need a decision; else they are one, and always the answer. */
export function needsChoice(sets: readonly RecordSet[]): boolean {
  const [first] = sets;
  return sets.length !== 1 || first?.routing.policy !== 'simple' || first.alias !== undefined || first.healthCheckId !== undefined;
}

export function groupOf(type: number, sets: readonly RecordSet[], healths: Healths): RecordGroup {
  const members = sets.map((set) => memberOf(set, healths)).sort((a, b) => rank(a) - rank(b));
  const weight = members.reduce((sum, member) => sum + weightOf(member), 0);
  return { type, policy: sets[0]?.routing.policy ?? 'simple', members, weight, nearest: new Map() };
}

const rank = ({ routing }: Member): number => (routing.policy === 'failover' && routing.role === 'SECONDARY' ? 1 : 0);

function memberOf({ type, ttl = 0, values, alias, routing, healthCheckId }: RecordSet, healths: Healths): Member {
  draft.at = 0;
  let count = 0;
  for (const value of values) if (draft.value(type, ttl, value)) count++;
  return {
    routing,
    records: draft.bytes.slice(0, draft.at),
    count,
    check: healthCheckId === undefined ? undefined : healths.check(healthCheckId),
    alias: alias && {
      name: alias.name,
      wire: wireOf(alias.name),
      isInZone: alias.isInZone,
      health: alias.evaluatesTargetHealth ? healths.target(alias.name) : undefined,
    },
  };
}

export function weightOf({ routing }: Member): number {
  return routing.policy === 'weighted' ? routing.weight : 0;
}

/** Places that orders are kept for; more are made anew. */
const PLACES_KEPT = 256;
/** Where a client is taken to be of whom nothing is known: the Region of Route 53 itself. */
const UNKNOWN: Place = regionPlaces.get('us-east-1') ?? {};

/**
 * Members by latency in the order in which a client would reach their Regions. AWS measures; here the client's own Region comes
 * first, and then what is near by the great circle.
 */
export function nearestFirst(group: RecordGroup, place: Place | undefined): readonly Member[] {
  const from = place?.latitude === undefined ? (place?.region !== undefined && regionPlaces.get(place.region)) || UNKNOWN : place;
  const known = group.nearest.get(from);
  if (known) return known;
  const far = (member: Member): number => {
    const region = member.routing.policy === 'latency' ? member.routing.region : '';
    if (region === from.region) return -1;
    const there = regionPlaces.get(region);
    return (there && distance(from, there)) ?? Number.POSITIVE_INFINITY;
  };
  const order = group.members.map((member) => ({ member, far: far(member) })).sort((a, b) => a.far - b.far);
  const members = order.map(({ member }) => member);
  if (group.nearest.size >= PLACES_KEPT) group.nearest.clear();
  group.nearest.set(from, members);
  return members;
}
