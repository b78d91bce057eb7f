/** Which condition keys policies ask for: what a simulation may be given. */
import type { OperationContext } from '#aws/context.ts';
import { checkSimulatedPolicy } from '#services/iam/policy-grammar.ts';
import { sourceOf } from '#services/iam/policy-sources.ts';
import type { IamOperations } from '#services/iam/sdk.ts';

export const contextKeys = {
  GetContextKeysForCustomPolicy(_context, input) {
    for (const document of input.PolicyInputList) checkSimulatedPolicy(document);
    return { ContextKeyNames: keysOfAll(input.PolicyInputList) };
  },

  GetContextKeysForPrincipalPolicy(context: OperationContext, input) {
    const given = input.PolicyInputList ?? [];
    for (const document of given) checkSimulatedPolicy(document);
    const { policies } = sourceOf(context, input.PolicySourceArn);
    return { ContextKeyNames: keysOfAll([...policies.identity.map(({ document }) => document), ...given]) };
  },
} satisfies IamOperations;

function keysOfAll(documents: readonly string[]): string[] {
  return [...new Set(documents.flatMap(contextKeysOf))].sort();
}

interface Conditional {
  readonly Condition?: Readonly<Record<string, object>>;
}

/** The keys in conditions, and the policy variables, of a document; as they are written. */
export function contextKeysOf(document: string): readonly string[] {
  const keys = new Set<string>();
  const { Statement } = JSON.parse(document) as { Statement: Conditional | readonly Conditional[] }; // the grammar has checked it
  for (const statement of [Statement].flat()) {
    for (const condition of Object.values(statement.Condition ?? {})) for (const key of Object.keys(condition)) keys.add(key);
  }
  for (const [, key] of document.matchAll(/\$\{([^{},*?$]+)(?:,[^}]*)?\}/g)) if (key) keys.add(key.trim());
  return [...keys];
}
