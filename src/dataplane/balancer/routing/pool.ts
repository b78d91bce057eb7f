/** A target group as one node uses it: which of its targets may get requests now, and which one gets the next. */
import { makeAlgorithm, type Algorithm } from '#dataplane/balancer/routing/algorithms.ts';
import { Member, memberKey } from '#dataplane/balancer/routing/member.ts';
import type { Target, TargetGroup, TargetHealth } from '#model/balancer.ts';

/** What a node knows of its targets' health. */
export interface HealthView {
  stateOf(groupId: string, targetId: string, port: number): TargetHealth | undefined;
}

export interface PoolSettings {
  /** The node's own. */
  readonly zone: string;
  readonly health: HealthView;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly hasPassiveChecks: boolean;
}

/** Outlives updates: algorithms go on where they were, members keep their counts. */
export class Pool {
  group: TargetGroup;
  /** Whether it has a target to send requests to: registered, not draining, in a zone that this node uses. */
  hasTargets = false;
  private members = new Map<string, Member>();
  /** Registered and not draining, in zones that this node uses. */
  private eligible: readonly Member[] = [];
  private usable: readonly Member[] = [];
  private algorithm: Algorithm;
  private readonly settings: PoolSettings;

  constructor(group: TargetGroup, settings: PoolSettings) {
    this.group = group;
    this.settings = settings;
    this.algorithm = makeAlgorithm(group.attributes.algorithm, settings.random);
    this.setTargets(group);
  }

  update(group: TargetGroup): void {
    if (group === this.group) return;
    if (group.attributes.algorithm !== this.group.attributes.algorithm) {
      this.algorithm = makeAlgorithm(group.attributes.algorithm, this.settings.random);
    }
    this.setTargets(group);
  }

  /** To be called when a target's health changed. */
  noteHealth({ targetId, port, state }: TargetHealth): void {
    if (!this.group.healthCheck.isEnabled) return; // what is left of checks that were on
    for (const member of this.members.values()) {
      if (member.target.id === targetId && member.target.port === port) this.setHealth(member, state === 'healthy');
    }
    this.choose();
  }

  get usableTargets(): readonly Target[] {
    return this.usable.map(({ target }) => target);
  }

  /** The target for the next request. @param tried not these, undefined when nobody is left */
  pick(nowMs: number, tried?: readonly Member[]): Member | undefined {
    if (this.usable.length === 0) return undefined;
    if (tried === undefined) {
      const member = this.algorithm.pick(this.usable, nowMs);
      if (member.restsUntilMs === 0 || member.restsUntilMs <= nowMs) return member;
    }
    return this.pickAmong(tried, nowMs);
  }

  /** The target with this id and port, if a request may go to it now: for stickiness. */
  find(targetId: string, port: number): Member | undefined {
    for (const member of this.usable) {
      if (member.target.port === port && member.target.id === targetId) return member;
    }
    return undefined;
  }

  /** The same target for the same client for as long as targets stay (rendezvous hashing). */
  pickFor(client: string, nowMs: number, tried?: readonly Member[]): Member | undefined {
    const members = tried === undefined ? this.usable : this.usable.filter((member) => !tried.includes(member));
    let best: Member | undefined;
    let bestScore = -1;
    for (const member of members) {
      if (member.restsUntilMs > nowMs && members.length > 1) continue;
      const score = hash(client, hash(member.target.id, member.target.port));
      if (score > bestScore) {
        best = member;
        bestScore = score;
      }
    }
    return best ?? members[0];
  }

  private pickAmong(tried: readonly Member[] | undefined, nowMs: number): Member | undefined {
    const others = tried === undefined ? this.usable : this.usable.filter((member) => !tried.includes(member));
    const awake = others.filter((member) => member.restsUntilMs <= nowMs);
    const members = awake.length > 0 ? awake : others;
    return members.length === 0 ? undefined : this.algorithm.pick(members, nowMs);
  }

  private setTargets(group: TargetGroup): void {
    const known = this.members;
    this.group = group;
    this.members = new Map();
    const fresh: Member[] = [];
    for (const target of group.targets) {
      const key = memberKey(target);
      const member = known.get(key) ?? this.newMember(target);
      if (!known.has(key)) fresh.push(member);
      member.target = target;
      member.group = group;
      this.members.set(key, member);
    }
    const eligible = [...this.members.values()].filter((member) => this.isEligible(member.target));
    for (const member of this.eligible) if (!eligible.includes(member)) member.slowSinceMs = 0;
    this.eligible = eligible;
    this.hasTargets = eligible.length > 0;
    // All at once: targets that are registered together do not see each other as warmed up.
    const healthy = fresh.filter((member) => this.isKnownHealthy(member.target));
    const isSlow = this.hasWarmTarget();
    for (const member of healthy) this.warmUp(member, isSlow);
    if (!group.healthCheck.isEnabled) for (const member of this.members.values()) member.isHealthy = true;
    this.choose();
  }

  private newMember(target: Target): Member {
    return new Member(target, this.group, this.settings.hasPassiveChecks, this.settings.nowMs);
  }

  private isEligible({ zone, drainsUntilMs }: Target): boolean {
    return drainsUntilMs === undefined && (this.group.attributes.isCrossZone || zone === this.settings.zone || zone === 'all');
  }

  private isKnownHealthy({ id, port }: Target): boolean {
    return !this.group.healthCheck.isEnabled || this.settings.health.stateOf(this.group.id, id, port)?.state === 'healthy';
  }

  private setHealth(member: Member, isHealthy: boolean): void {
    if (member.isHealthy === isHealthy) return;
    if (isHealthy) this.warmUp(member, this.hasWarmTarget());
    else {
      member.isHealthy = false;
      member.slowSinceMs = 0;
    }
  }

  /** A target enters slow start only where another one already has its full share. */
  private warmUp(member: Member, isSlow: boolean): void {
    member.isHealthy = true;
    member.credit = 0;
    member.slowSinceMs = isSlow && this.group.attributes.slowStartSeconds > 0 ? this.settings.nowMs() : 0;
  }

  private hasWarmTarget(): boolean {
    const nowMs = this.settings.nowMs();
    return this.eligible.some((member) => member.isHealthy && member.share(nowMs) === 1);
  }

  private choose(): void {
    const { eligible } = this;
    const healthy = eligible.filter((member) => member.isHealthy);
    const { count, percentage } = this.group.attributes.minimumHealthy;
    const failsOpen = healthy.length < count || healthy.length * 100 < percentage * eligible.length;
    this.usable = failsOpen ? eligible : healthy;
  }
}

/** FNV-1a with a last stir, 0 to 2^32 − 1. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
