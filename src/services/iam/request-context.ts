/** What conditions and policy variables may ask of a request, as far as IAM knows it (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html). */
import type { Principal } from '#aws/context.ts';
import type { PrincipalAccess } from '#services/iam/access.ts';

const principalTypes = { root: 'Account', user: 'User', role: 'AssumedRole', 'federated-user': 'FederatedUser' } as const;

/** Puts the keys about the caller into `context`; names in lower case, as conditions look for them. */
export function addPrincipalKeys(context: Map<string, readonly string[]>, principal: Principal, access: PrincipalAccess): void {
  const { kind, identity, identityArn, tags, session } = access;
  context.set('aws:principalarn', [identityArn]);
  context.set('aws:principalaccount', [principal.account]);
  context.set('aws:principaltype', [principalTypes[kind]]);
  context.set('aws:userid', [principal.userId]);
  context.set('aws:principalisawsservice', ['false']);
  context.set('aws:viaawsservice', ['false']);
  if (kind === 'user' && identity) context.set('aws:username', [identity.name]);
  for (const [key, value] of tags) context.set(`aws:principaltag/${key.toLowerCase()}`, [value]);
  if (!session) return;
  // Only temporary credentials have these, so that a deny on their absence can be told apart.
  context.set('aws:multifactorauthpresent', ['false']);
  context.set('aws:tokenissuetime', [new Date(session.issuedMs).toISOString()]);
  if (session.sourceIdentity !== undefined) context.set('aws:sourceidentity', [session.sourceIdentity]);
}

/** Puts the keys about a moment into `context`. */
export function addTimeKeys(context: Map<string, readonly string[]>, nowMs: number): void {
  context.set('aws:currenttime', [new Date(nowMs).toISOString()]);
  context.set('aws:epochtime', [String(Math.floor(nowMs / 1000))]);
}

interface TagInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Puts the tags that a request brings into `context`. */
export function addRequestTags(context: Map<string, readonly string[]>, tags: readonly TagInput[]): void {
  if (tags.length === 0) return;
  for (const { Key = '', Value = '' } of tags) context.set(`aws:requesttag/${Key.toLowerCase()}`, [Value]);
  context.set(
    'aws:tagkeys',
    tags.map(({ Key = '' }) => Key),
  );
}
