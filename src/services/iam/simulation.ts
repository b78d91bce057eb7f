/** The policy simulator: the evaluator that guards Keiro, asked about calls that nobody makes. */
import type { ContextEntry, EvaluationResult, Statement as StatementView } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { contextKeysOf } from '#services/iam/context-keys.ts';
import { invalidInput } from '#services/iam/errors.ts';
import { type AccessVerdict, evaluate, type MatchedStatement, type Policy, type PolicySet } from '#services/iam/evaluation.ts';
import type { ListInput } from '#services/iam/paging.ts';
import { pageByName } from '#services/iam/paging.ts';
import { checkSimulatedPolicy } from '#services/iam/policy-grammar.ts';
import { sourceOf } from '#services/iam/policy-sources.ts';
import { addTimeKeys } from '#services/iam/request-context.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { statementRange } from '#services/iam/statement-ranges.ts';

export const simulation = {
  SimulateCustomPolicy(context, input) {
    const policies: PolicySet = { identity: given(input.PolicyInputList, 'PolicyInputList') };
    return simulate(context, input, withBoundary(policies, input), new Map());
  },

  SimulatePrincipalPolicy(context, input) {
    const source = sourceOf(context, input.PolicySourceArn);
    const more = given(input.PolicyInputList ?? [], 'PolicyInputList');
    const policies = { ...source.policies, identity: [...source.policies.identity, ...more] };
    return simulate(context, input, withBoundary(policies, input), source.context);
  },
} satisfies IamOperations;

interface SimulationInput extends ListInput {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ContextEntries?: readonly ContextEntry[] | undefined;
  readonly PermissionsBoundaryPolicyInputList?: readonly string[] | undefined;
  readonly ResourcePolicy?: string | undefined;
}

/** Documents that a call brings, named as AWS names them. */
function given(documents: readonly string[], member: string): readonly Policy[] {
  return documents.map((document, index) => {
    checkSimulatedPolicy(document);
    return { name: `${member}.${index + 1}`, origin: 'none', document };
  });
}

function withBoundary(policies: PolicySet, { PermissionsBoundaryPolicyInputList: boundary }: SimulationInput): PolicySet {
  return boundary ? { ...policies, boundary: given(boundary, 'PermissionsBoundaryPolicyInputList') } : policies;
}

function simulate(context: OperationContext, input: SimulationInput, policies: PolicySet, known: Map<string, readonly string[]>) {
  if (input.ResourcePolicy !== undefined) throw invalidInput('Keiro does not simulate resource-based policies.');
  const keys = contextOf(context, input, known);
  const resources = input.ResourceArns ?? ['*'];
  const pairs = input.ActionNames.flatMap((action) => resources.map((resource) => ({ action: checkAction(action), resource })));
  const numbered = pairs.map((pair, index) => ({ ...pair, name: String(index).padStart(6, '0') }));
  const { Marker: _marker, MaxItems: _size, ...parameters } = input;
  const { items, more } = pageByName(input, numbered, ({ name }) => name, ['simulation', parameters]);
  const results = items.map(({ action, resource }) =>
    view(action, resource, policies, keys, evaluate({ action, resource, context: keys }, policies)),
  );
  return { EvaluationResults: results, ...more };
}

function contextOf(context: OperationContext, input: SimulationInput, known: Map<string, readonly string[]>) {
  const keys = new Map(known);
  addTimeKeys(keys, context.nowMs);
  for (const { ContextKeyName, ContextKeyValues } of input.ContextEntries ?? []) {
    if (ContextKeyName === undefined) throw invalidInput('A context entry needs a ContextKeyName.');
    keys.set(ContextKeyName.toLowerCase(), ContextKeyValues ?? []);
  }
  return keys;
}

function checkAction(action: string): string {
  if (!/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action)) throw invalidInput(`Invalid Action Name: ${action}`);
  return action;
}

function view(
  action: string,
  resource: string,
  policies: PolicySet,
  keys: ReadonlyMap<string, readonly string[]>,
  verdict: AccessVerdict,
): EvaluationResult {
  const all = [policies.identity, policies.boundary ?? []].flat();
  const asked = new Set(all.flatMap(({ document }) => contextKeysOf(document)));
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: verdict.decision,
    MatchedStatements: verdict.matched.map(statementView),
    MissingContextValues: [...asked].filter((key) => !keys.has(key.toLowerCase())),
    ...(policies.boundary === undefined
      ? {}
      : {
          PermissionsBoundaryDecisionDetail: {
            AllowedByPermissionsBoundary: verdict.decision === 'allowed' || verdict.layer !== 'boundary',
          },
        }),
  };
}

function statementView({ policy, statement }: MatchedStatement): StatementView {
  const range = statementRange(policy.document, statement.number);
  return {
    SourcePolicyId: policy.name,
    SourcePolicyType: 'IAM Policy' as 'user', // AWS answers these words, which the SDK's enumeration lacks
    ...(range ? { StartPosition: range.start, EndPosition: range.end } : {}),
  };
}
