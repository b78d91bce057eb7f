/**
 * Which of several sets answers: by routing policy, then by health. Route 53 guide, "How Amazon Route 53 chooses records when health
 * checking is configured": pick by the policy, pick again among the rest while what was picked is unhealthy; when nothing is healthy, all is.
 */
import type { Place } from '#model/places.ts';
import type { Client } from '#dataplane/dns/authority/client.ts';
import { nearestFirst, weightOf, type Member, type RecordGroup } from '#dataplane/dns/authority/record-groups.ts';
import { WireName } from '#dataplane/dns/authority/wire-name.ts';
import type { Zone } from '#dataplane/dns/authority/zone.ts';

/** "Route 53 responds to DNS queries with up to eight healthy records." */
export const MULTIVALUE_MAX = 8;
/** How many aliases may lead from one to the next; a longer or circular row has no answer. */
export const ALIASES_MAX = 16;

export interface Choosing {
  readonly zone: Zone;
  /** Of the records that are asked for. */
  readonly type: number;
  readonly client: Client;
  readonly random: () => number;
}

/** The member that answers, of any policy but multivalue; undefined when none is for this client. */
export function chooseOne(group: RecordGroup, choosing: Choosing): Member | undefined {
  const { members } = group;
  switch (group.policy) {
    case 'weighted':
      return byWeight(group, choosing);
    case 'latency':
      return firstHealthy(nearestFirst(group, choosing.client.place()), choosing);
    case 'geolocation':
      return firstHealthy(smallestFirst(members, choosing.client.place()), choosing);
    case 'failover':
      return firstHealthy(members, choosing);
    case 'simple':
    case 'multivalue':
      return members[0];
  }
}

/** The first one where nothing is healthy: of failover records that is the primary. */
function firstHealthy(order: readonly Member[], choosing: Choosing): Member | undefined {
  for (const member of order) if (isHealthy(member, choosing, 0)) return member;
  return order[0];
}

function byWeight({ members, weight }: RecordGroup, choosing: Choosing): Member | undefined {
  const picked = pick(members, weight, choosing.random);
  if (picked === undefined || isHealthy(picked, choosing, 0)) return picked;
  // To pick again among the rest is to pick among the healthy ones; those of weight 0 only when no other one is.
  const healthy = members.filter((member) => isHealthy(member, choosing, 0));
  return pick(healthy, sumOf(healthy), choosing.random) ?? picked;
}

function sumOf(members: readonly Member[]): number {
  return members.reduce((sum, member) => sum + weightOf(member), 0);
}

/** By weight; with equal chances where all weights are 0. */
function pick(members: readonly Member[], weight: number, random: () => number): Member | undefined {
  if (weight === 0) return members[Math.floor(random() * members.length)];
  let left = random() * weight;
  for (const member of members) {
    left -= weightOf(member);
    if (left < 0) return member;
  }
  return undefined; // never: the weights are the sum's
}

/** Members that are for a place: the smallest area first, last the one for everywhere else (guide, "Geolocation routing"). */
function smallestFirst(members: readonly Member[], place: Place | undefined): readonly Member[] {
  const found: Member[] = [];
  for (const area of [inSubdivision, inCountry, inContinent, isDefault]) {
    const member = members.find((candidate) => area(candidate, place));
    if (member) found.push(member);
  }
  return found;
}

type Area = (member: Member, place: Place | undefined) => boolean;

const inSubdivision: Area = ({ routing }, place) =>
  routing.policy === 'geolocation' &&
  routing.subdivision !== undefined &&
  routing.subdivision === place?.subdivision &&
  routing.country === place.country;
const inCountry: Area = ({ routing }, place) =>
  routing.policy === 'geolocation' &&
  routing.subdivision === undefined &&
  routing.country !== undefined &&
  routing.country === place?.country;
const inContinent: Area = ({ routing }, place) =>
  routing.policy === 'geolocation' && routing.continent !== undefined && routing.continent === place?.continent;
const isDefault: Area = ({ routing }) => routing.policy === 'geolocation' && routing.country === '*' && routing.subdivision === undefined;

/** Up to eight healthy members by chance; of the unhealthy ones, when there are no others. */
export function chooseSeveral({ members }: RecordGroup, choosing: Choosing): readonly Member[] {
  const healthy = members.filter((member) => isHealthy(member, choosing, 0));
  const some = healthy.length > 0 ? healthy : [...members];
  if (some.length <= MULTIVALUE_MAX) return some;
  for (let index = 0; index < MULTIVALUE_MAX; index++) {
    const other = index + Math.floor(choosing.random() * (some.length - index));
    const [a, b] = [some[index], some[other]];
    if (a === undefined || b === undefined) break; // never: both are inside
    some[index] = b;
    some[other] = a;
  }
  return some.slice(0, MULTIVALUE_MAX);
}

/** By its own check and, where the alias says so, by its target's health: both, if it has both. */
function isHealthy({ check, alias }: Member, choosing: Choosing, depth: number): boolean {
  if (check?.isHealthy === false) return false;
  if (alias?.health === undefined) return true;
  return alias.isInZone ? isTargetHealthy(alias.wire, choosing, depth) : alias.health.isHealthy;
}

/** Names of targets, one for each level of a tree of aliases. */
const targets: readonly WireName[] = Array.from({ length: ALIASES_MAX }, () => new WireName());

/** "As long as at least one of the records is healthy, Route 53 considers the alias record to be healthy." */
function isTargetHealthy(wire: Uint8Array, choosing: Choosing, depth: number): boolean {
  const target = targets[depth];
  if (target === undefined) return false;
  const { zone, type, client } = choosing;
  target.read(wire, 0);
  const place = zone.lookup(target);
  if (place < 0) return false;
  const set = zone.findSet(place, type);
  if (set < 0) return false;
  const group = zone.countOfSet(set) > 0 ? undefined : zone.groupOfSet(set);
  if (group === undefined) return true;
  const isByArea = group.policy === 'geolocation';
  const members = isByArea ? smallestFirst(group.members, client.place()) : group.members;
  return members.some((member) => isHealthy(member, choosing, depth + 1));
}
