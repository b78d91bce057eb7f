/** A forward action at work: chooses the group, then the target, and keeps clients where they are. */
import type { ChosenTarget, Decision, RequestView } from '#dataplane/balancer/decision.ts';
import { cookieValue, setsCookie } from '#dataplane/balancer/routing/cookie-lines.ts';
import { Member } from '#dataplane/balancer/routing/member.ts';
import type { Pool } from '#dataplane/balancer/routing/pool.ts';
import { isValid, secondsOf, type Stay, type StickyCookies } from '#dataplane/balancer/routing/sticky-cookies.ts';
import type { WeightedGroups } from '#dataplane/balancer/routing/weighted-groups.ts';
import type { BalancerRule, TargetGroupAttributes } from '#model/balancer.ts';

type Stickiness = NonNullable<TargetGroupAttributes['stickiness']>;
type AnswerCookies = (setCookies: readonly string[]) => readonly string[];

const NONE: readonly string[] = [];
/** Browsers that ask for SameSite=None (ELB guide, "Application-based stickiness"). */
const FIRST_CROSS_SITE_CHROMIUM = 80;

/** A decision to forward, with what it takes to choose once more. */
export class Forward {
  readonly kind = 'forward';
  readonly rule: BalancerRule;
  readonly chosen: ChosenTarget;
  readonly cookies: readonly string[];
  readonly answerCookies?: AnswerCookies;
  /** Members that were chosen for this request, this one among them. */
  readonly tried: Member | readonly Member[];
  /** What this request's stickiness needs again. */
  readonly sticking: Sticking | undefined;

  constructor(rule: BalancerRule, member: Member, tried: Member | readonly Member[], sticking: Sticking | undefined, nowMs: number) {
    this.rule = rule;
    this.chosen = member;
    this.tried = tried;
    this.sticking = sticking;
    this.cookies = sticking === undefined ? NONE : sticking.cookies(member, nowMs);
    const answerCookies = sticking?.answerCookies(member, nowMs);
    if (answerCookies !== undefined) this.answerCookies = answerCookies;
  }
}

/** One request and its cookies. */
interface Sticking {
  cookies(member: Member, nowMs: number): readonly string[];
  answerCookies(member: Member, nowMs: number): AnswerCookies | undefined;
  /** The client's address, where requests stick by it. */
  readonly client?: string;
}

/** What all forward actions of a node share. */
export interface ForwardContext {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly cookies: StickyCookies;
}

export class Forwarding {
  private readonly rule: BalancerRule;
  private readonly groups: WeightedGroups;
  private readonly stickySeconds: number | undefined;
  private readonly context: ForwardContext;

  constructor(rule: BalancerRule, groups: WeightedGroups, stickySeconds: number | undefined, context: ForwardContext) {
    this.rule = rule;
    this.groups = groups;
    this.stickySeconds = stickySeconds;
    this.context = context;
  }

  decide(request: RequestView, nowMs: number): Decision {
    const groupId = this.stuckGroup(request, nowMs) ?? this.groups.next();
    const pool = groupId === undefined ? undefined : this.context.pools.get(groupId);
    if (pool === undefined) return { kind: 'nobody', rule: this.rule, group: undefined };
    const { stickiness } = pool.group.attributes;
    if (stickiness === undefined && this.stickySeconds === undefined) {
      const member = pool.pick(nowMs);
      return member === undefined ? this.nobody(pool) : new Forward(this.rule, member, member, undefined, nowMs);
    }
    return this.decideSticky(request, pool, stickiness, nowMs);
  }

  /** Another target of the group after that one failed. */
  again(before: Forward, nowMs: number): Forward | undefined {
    const pool = this.context.pools.get(before.chosen.group.id);
    const tried = before.tried instanceof Member ? [before.tried] : before.tried;
    const client = before.sticking?.client;
    const member = client === undefined ? pool?.pick(nowMs, tried) : pool?.pickFor(client, nowMs, tried);
    return member === undefined ? undefined : new Forward(this.rule, member, [...tried, member], before.sticking, nowMs);
  }

  private nobody(pool: Pool): Decision {
    return { kind: 'nobody', rule: this.rule, group: pool.group };
  }

  /** A client stays with its group even when its weight has become 0. */
  private stuckGroup(request: RequestView, nowMs: number): string | undefined {
    if (this.stickySeconds === undefined) return undefined;
    const groupId = this.context.cookies.readGroup(request, this.stickySeconds, nowMs);
    return groupId !== undefined && this.groups.has(groupId) ? groupId : undefined;
  }

  private decideSticky(request: RequestView, pool: Pool, stickiness: Stickiness | undefined, nowMs: number): Decision {
    const { cookies } = this.context;
    const sticking = stickingFor(cookies, request, pool, stickiness, this.stickySeconds !== undefined, nowMs);
    const stay = sticking.stay;
    const stuck = stay === undefined ? undefined : pool.find(stay.targetId, stay.port);
    const { client } = sticking;
    const member = stuck ?? (client === undefined ? pool.pick(nowMs) : pool.pickFor(client, nowMs));
    return member === undefined ? this.nobody(pool) : new Forward(this.rule, member, member, sticking, nowMs);
  }
}

function stickingFor(
  cookies: StickyCookies,
  request: RequestView,
  { group }: Pool,
  stickiness: Stickiness | undefined,
  sticksToGroup: boolean,
  nowMs: number,
): Sticking & { readonly stay?: Stay | undefined } {
  const groupCookies = (atMs: number): readonly string[] => (sticksToGroup ? cookies.writeGroup(group.id, atMs) : NONE);
  const nothing = (): undefined => undefined;
  switch (stickiness?.type) {
    case undefined:
      return { cookies: (_, atMs) => groupCookies(atMs), answerCookies: nothing };
    case 'source_ip':
      return { cookies: (_, atMs) => groupCookies(atMs), answerCookies: nothing, client: request.sourceAddress };
    case 'lb_cookie':
      return {
        stay: cookies.readTarget(request, group.id, stickiness.seconds, nowMs),
        cookies: ({ target }, atMs) => [...groupCookies(atMs), ...cookies.writeTarget(group.id, target.id, target.port, atMs)],
        answerCookies: nothing,
      };
    case 'app_cookie': {
      const session = new ApplicationSession(cookies, request, group.id, stickiness, nowMs);
      return {
        stay: session.stay,
        cookies: (member, atMs) => [...groupCookies(atMs), ...(session.isBegun ? session.write(member, atMs) : NONE)],
        answerCookies: (member, atMs) => {
          if (session.isBegun) return undefined;
          return (setCookies) => (setsCookie(setCookies, stickiness.cookieName) ? session.write(member, atMs) : NONE);
        },
      };
    }
  }
}

/** Begins when the application sets its cookie; goes on while the client sends both cookies, on another target if need be. */
class ApplicationSession {
  readonly stay: Stay | undefined;
  readonly isBegun: boolean;
  private readonly others: readonly Stay[];
  private readonly cookies: StickyCookies;
  private readonly groupId: string;
  private readonly isCrossSite: boolean;

  constructor(
    cookies: StickyCookies,
    request: RequestView,
    groupId: string,
    { cookieName, seconds }: Extract<Stickiness, { type: 'app_cookie' }>,
    nowMs: number,
  ) {
    const stays = cookies.readApplication(request);
    const stay = stays.find((candidate) => candidate.groupId === groupId);
    const hasCookie = cookieValue(request.header('cookie'), cookieName) !== undefined;
    this.stay = stay !== undefined && hasCookie && isValid(stay.sinceSeconds, seconds, nowMs) ? stay : undefined;
    this.isBegun = this.stay !== undefined;
    this.others = stays.filter((candidate) => candidate.groupId !== groupId);
    this.cookies = cookies;
    this.groupId = groupId;
    this.isCrossSite = asksForCrossSite(request.header('user-agent')[0] ?? '');
  }

  write({ target }: Member, nowMs: number): readonly string[] {
    const stay: Stay = { groupId: this.groupId, targetId: target.id, port: target.port, sinceSeconds: secondsOf(nowMs) };
    return this.cookies.writeApplication([...this.others, stay], nowMs, this.isCrossSite);
  }
}

function asksForCrossSite(userAgent: string): boolean {
  const version = /\bChrom(?:e|ium)\/(\d{1,4})/.exec(userAgent)?.[1];
  return Number(version ?? 0) >= FIRST_CROSS_SITE_CHROMIUM;
}
