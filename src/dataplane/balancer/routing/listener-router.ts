/** Decides for the requests of one listener: the first rule that fits, then its action. */
import type { Decision, ListenerRouter, RequestView } from '#dataplane/balancer/decision.ts';
import { Forward, Forwarding, type ForwardContext } from '#dataplane/balancer/routing/forwarding.ts';
import { locationOf } from '#dataplane/balancer/routing/redirect.ts';
import { RuleTable } from '#dataplane/balancer/routing/rule-table.ts';
import type { WeightedGroups } from '#dataplane/balancer/routing/weighted-groups.ts';
import type { BalancerListener, BalancerRule, RuleAction } from '#model/balancer.ts';

type ForwardDecision = Extract<Decision, { kind: 'forward' }>;
type Act = (request: RequestView, protocol: 'http' | 'https', nowMs: number) => Decision;

/** One rule, ready to be asked. */
interface Route {
  readonly rule: BalancerRule;
  readonly act: Act;
  readonly forwarding?: Forwarding;
}

export interface RouterContext extends ForwardContext {
  /** The state of a rule's weighted groups, which outlives updates. */
  weightedGroups(rule: BalancerRule, groups: Extract<RuleAction, { type: 'forward' }>['groups']): WeightedGroups;
}

/** Stays the same object while its listener is there: `update` changes what it holds. */
export class RulesRouter implements ListenerRouter {
  private table: RuleTable;
  private routes: readonly Route[];
  private readonly context: RouterContext;

  constructor(listener: BalancerListener, context: RouterContext) {
    this.context = context;
    this.table = new RuleTable(listener.rules);
    this.routes = this.compile(listener);
  }

  update(listener: BalancerListener): void {
    this.table = new RuleTable(listener.rules);
    this.routes = this.compile(listener);
  }

  decide(request: RequestView, protocol: 'http' | 'https', nowMs: number): Decision {
    return this.routes[this.table.find(request)]!.act(request, protocol, nowMs); // the table was made from the same rules
  }

  again(decision: ForwardDecision, nowMs: number): ForwardDecision | undefined {
    if (!(decision instanceof Forward)) return undefined;
    const route = this.routes.find(({ rule }) => rule.id === decision.rule.id);
    return route?.forwarding?.again(decision, nowMs); // a rule that is gone has no other target
  }

  private compile({ rules, port }: BalancerListener): readonly Route[] {
    return rules.map((rule) => {
      const { action } = rule;
      switch (action.type) {
        case 'forward': {
          const forwarding = new Forwarding(rule, this.context.weightedGroups(rule, action.groups), action.stickySeconds, this.context);
          return { rule, forwarding, act: (request, _, nowMs) => forwarding.decide(request, nowMs) };
        }
        case 'redirect': {
          const { status } = action;
          return {
            rule,
            act: (request, protocol) => ({ kind: 'redirect', rule, status, location: locationOf(action, request, protocol, port) }),
          };
        }
        case 'fixed-response': {
          const { status, contentType, body } = action;
          // AWS's default type, which it names also without a body.
          const decision: Decision = {
            kind: 'fixed',
            rule,
            status,
            contentType: contentType ?? 'text/plain',
            body: Buffer.from(body ?? ''),
          };
          return { rule, act: () => decision };
        }
      }
    });
  }
}
