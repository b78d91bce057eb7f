/** The three routing algorithms of a target group: each picks one of the members that may be used. */
import type { Member } from '#dataplane/balancer/routing/member.ts';
import type { TargetGroupAttributes } from '#model/balancer.ts';

export interface Algorithm {
  /** @param members at least one; @param nowMs epoch */
  pick(members: readonly Member[], nowMs: number): Member;
}

/** Each in turn. A member in slow start is passed over until it has saved up for a request: its share grows in a line. */
class RoundRobin implements Algorithm {
  private at: number;

  constructor(random: () => number) {
    this.at = Math.floor(random() * 1000); // workers do not all begin with the same target
  }

  pick(members: readonly Member[], nowMs: number): Member {
    const { length } = members;
    for (let tried = 0; tried < length; tried++) {
      const member = this.next(members);
      if (member.slowSinceMs === 0) return member;
      member.credit += member.share(nowMs);
      if (member.credit >= 1) {
        member.credit -= 1;
        return member;
      }
    }
    return this.next(members); // all are in slow start: somebody has to
  }

  private next(members: readonly Member[]): Member {
    if (this.at >= members.length) this.at %= members.length;
    return members[this.at++]!; // below the length
  }
}

/** The one with the fewest requests under way; among equals, in turn. */
class LeastOutstanding implements Algorithm {
  private at: number;

  constructor(random: () => number) {
    this.at = Math.floor(random() * 1000);
  }

  pick(members: readonly Member[]): Member {
    const { length } = members;
    if (this.at >= length) this.at %= length;
    let index = this.at++;
    let best = members[index]!; // below the length
    for (let left = length - 1; left > 0 && best.outstanding > 0; left--) {
      if (++index === length) index = 0;
      const member = members[index]!; // below the length
      if (member.outstanding < best.outstanding) best = member;
    }
    return best;
  }
}

/** At random, evenly: AWS's weights differ only with anomaly mitigation, which is not modelled. */
class WeightedRandom implements Algorithm {
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  pick(members: readonly Member[]): Member {
    return members[Math.floor(this.random() * members.length)]!; // random is below 1
  }
}

/** @param random 0 up to 1 */
export function makeAlgorithm(name: TargetGroupAttributes['algorithm'], random: () => number): Algorithm {
  switch (name) {
    case 'round_robin':
      return new RoundRobin(random);
    case 'least_outstanding_requests':
      return new LeastOutstanding(random);
    case 'weighted_random':
      return new WeightedRandom(random);
  }
}
