/** Which policies have a say about a principal, and what conditions may ask about it. */
import type { Principal } from '#aws/context.ts';
import type { Policy, PolicySet } from '#services/iam/evaluation.ts';
import { roleArn, userArn } from '#services/iam/identities.ts';
import { defaultDocument, findPolicy, isAwsManaged } from '#services/iam/policy-lookup.ts';
import {
  groupTable,
  type IdentityRecord,
  type InlinePolicy,
  keyPartition,
  type RoleRecord,
  roleTable,
  type SessionRecord,
  sessionTable,
  type UserRecord,
  userTable,
} from '#services/iam/tables.ts';
import type { Reader } from '#store/store.ts';

/** Keiro's accounts are all of AWS's commercial partition. */
const place = (account: string) => ({ account, region: 'us-east-1' });

/** What is known of a caller beside its name. */
export interface PrincipalAccess {
  readonly kind: 'root' | 'user' | 'role' | 'federated-user';
  /** Undefined for an account's root, which no policy of the account binds. */
  readonly policies: PolicySet | undefined;
  /** The user or the role behind the caller, if there still is one. */
  readonly identity: UserRecord | RoleRecord | undefined;
  /** ARN of that user or role, else the caller's own: `aws:PrincipalArn`. */
  readonly identityArn: string;
  /** Of the user, or of the role and its session. */
  readonly tags: ReadonlyMap<string, string>;
  readonly session: SessionRecord | undefined;
}

/** The policies that have a say about a principal, and what conditions may ask about it. */
export function policiesOf(reader: Reader, principal: Principal): PrincipalAccess {
  const session = reader.in(keyPartition).get(sessionTable, principal.accessKeyId);
  if (session?.kind === 'role') return roleAccess(reader, session);
  const isRoot = session ? session.kind === 'root' : principal.arn.endsWith(':root');
  if (isRoot) return { kind: 'root', policies: undefined, identity: undefined, identityArn: principal.arn, tags: new Map(), session };
  return userAccess(reader, principal, session);
}

function roleAccess(reader: Reader, session: SessionRecord): PrincipalAccess {
  const there = globalOf(reader, session.account);
  const role = there.find(roleTable, 'uniqueId', session.identity ?? '')[0];
  return {
    kind: 'role',
    policies: policySet(there, role, [], session),
    identity: role,
    identityArn: role ? roleArn(place(session.account), role) : session.arn,
    tags: tagsOf(role, session),
    session,
  };
}

function userAccess(reader: Reader, { account, arn, userId }: Principal, session: SessionRecord | undefined): PrincipalAccess {
  const user = userOf(reader, account, session?.identity ?? userId);
  const there = globalOf(reader, account);
  const groups = (user?.groups ?? []).map((id) => there.get(groupTable, id)).filter((group) => group !== undefined);
  const isFederated = session?.kind === 'federated-user';
  return {
    kind: isFederated ? 'federated-user' : 'user',
    policies: policySet(there, user, groups, session),
    identity: user,
    identityArn: user && !isFederated ? userArn(place(account), user) : arn,
    tags: tagsOf(isFederated ? undefined : user, session),
    session,
  };
}

/** The policies of an identity that is gone allow nothing. */
function policySet(
  there: Reader,
  identity: UserRecord | RoleRecord | undefined,
  groups: readonly IdentityRecord[],
  session: SessionRecord | undefined,
): PolicySet {
  const kind = identity && 'trustPolicy' in identity ? 'role' : 'user';
  const own = identity ? heldPolicies(there, identity, kind) : [];
  const boundary = identity?.boundary === undefined ? undefined : managedPolicies(there, [identity.boundary]);
  const sessionPolicies = session?.policies ?? (session?.kind === 'federated-user' ? [] : undefined);
  return {
    identity: [...own, ...groups.flatMap((group) => heldPolicies(there, group, 'group'))],
    ...(boundary === undefined ? {} : { boundary }),
    ...(sessionPolicies === undefined ? {} : { session: sessionPolicies.map((policy) => inlinePolicy(policy, 'none')) }),
  };
}

/** Managed and inline policies of one user, group or role. */
export function heldPolicies(there: Reader, entity: IdentityRecord, kind: 'user' | 'group' | 'role'): readonly Policy[] {
  const inline = entity.inlinePolicies.map((policy) => inlinePolicy({ ...policy, name: `${kind}_${entity.name}_${policy.name}` }, kind));
  return [...managedPolicies(there, entity.attachedPolicies), ...inline];
}

export function managedPolicies(there: Reader, arns: readonly string[]): readonly Policy[] {
  return arns
    .map((arn) => findPolicy(there, arn))
    .filter((policy) => policy !== undefined)
    .map((policy) => ({
      arn: policy.arn,
      name: policy.name,
      origin: isAwsManaged(policy.arn) ? 'aws-managed' : 'user-managed',
      document: defaultDocument(policy),
    }));
}

function inlinePolicy({ name, document }: InlinePolicy, origin: Policy['origin']): Policy {
  return { name, origin, document };
}

/** A session's tags go over those of its role. */
function tagsOf(identity: UserRecord | RoleRecord | undefined, session: SessionRecord | undefined): ReadonlyMap<string, string> {
  return new Map([...(identity?.tags ?? []), ...(session?.tags ?? [])].map(({ Key, Value }) => [Key, Value]));
}

function userOf(reader: Reader, account: string, uniqueId: string): UserRecord | undefined {
  return globalOf(reader, account).find(userTable, 'uniqueId', uniqueId)[0];
}

function globalOf(reader: Reader, account: string): Reader {
  return reader.in({ account, region: 'global' });
}
