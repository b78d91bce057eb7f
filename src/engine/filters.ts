/** Where a packet meets filters: an interface's groups, and the access lists on the edges of segments. */
import { refuse, hop, type Ending, type Journey } from '#engine/journey.ts';
import { judgeByAccessList } from '#engine/network-acls.ts';
import { ruleThatAllows } from '#engine/security-groups.ts';
import type { Flow } from '#model/flow.ts';
import type { Direction, Id, NetworkInterface, Segment } from '#model/topology.ts';

/** The interface's groups; undefined lets the packet pass. Interfaces without groups are not filtered. */
export function filterByGroups(
  journey: Journey,
  subject: NetworkInterface,
  direction: Direction,
  flow: Flow,
  emitter: NetworkInterface | undefined,
): Ending | undefined {
  const [first] = subject.groupIds;
  if (first === undefined) return undefined;
  const { tracked } = journey.conversation;
  if (journey.isAnswer && tracked.includes(subject.id)) {
    hop(journey, 'group', first, 'established', flow, undefined, direction);
    return undefined;
  }
  const verdict = ruleThatAllows(journey.topology, subject, direction, flow, emitter);
  if (verdict === undefined) {
    const outcome = direction === 'in' ? 'groupDeniedIn' : 'groupDeniedOut';
    return refuse(journey, outcome, 'group', first, flow, undefined, direction, subject.groupIds);
  }
  if (!journey.isAnswer) tracked.push(subject.id);
  hop(journey, 'group', verdict.groupId, 'allow', flow, verdict.ruleId, direction);
  return undefined;
}

/** The edge of the segment that the packet leaves, unless it stays in it; undefined lets it pass. */
export function leaveSegment(journey: Journey, segment: Segment, to: Id | undefined, flow: Flow): Ending | undefined {
  return segment.id === to ? undefined : filterByAccessList(journey, segment, 'out', flow);
}

/** The edge of the segment that the packet enters, unless it was in it; undefined lets it pass. */
export function enterSegment(journey: Journey, segmentId: Id, from: Id | undefined, flow: Flow): Ending | undefined {
  if (segmentId === from) return undefined;
  const segment = journey.topology.segments.get(segmentId);
  return segment === undefined ? undefined : filterByAccessList(journey, segment, 'in', flow);
}

function filterByAccessList(journey: Journey, { accessListId }: Segment, direction: Direction, flow: Flow): Ending | undefined {
  const list = journey.topology.accessLists.get(accessListId);
  const denial = direction === 'in' ? 'aclDeniedIn' : 'aclDeniedOut';
  if (list === undefined) return refuse(journey, denial, 'accessList', accessListId, flow, undefined, direction);
  const { allowed, rule } = judgeByAccessList(list, direction, flow);
  if (!allowed) return refuse(journey, denial, 'accessList', list.id, flow, rule, direction);
  hop(journey, 'accessList', list.id, 'allow', flow, rule, direction);
  return undefined;
}
