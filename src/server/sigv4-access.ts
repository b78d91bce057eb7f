/** Access with `--auth sigv4`: signatures are verified, and IAM's policies allow or deny. */
import { randomBytes } from 'node:crypto';
import { defaultAccount } from '#aws/accounts.ts';
import type { Principal } from '#aws/context.ts';
import type { Tag } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type Secret, verifySignature } from '#protocol/sigv4.ts';
import type { Access, Authorization } from '#server/authentication.ts';
import { denial } from '#server/denials.ts';
import { ec2Arn } from '#server/ec2-resources.ts';
import { rootPrincipal } from '#server/open-access.ts';
import { type RequestKeys, requestKeys } from '#server/request-keys.ts';
import { type CallResource, resourcesOf } from '#server/request-resources.ts';
import type { RootKey } from '#server/root-key.ts';
import {
  type AccessRequest,
  type AccessVerdict,
  encodeMessage,
  evaluate,
  explainDenial,
  findAccessKey,
  findRole,
  passedRoleOf,
  policiesOf,
  type PolicySet,
  type PrincipalAccess,
  type ResourcePolicy,
  trustOf,
} from '#services/iam/public.ts';
import type { Reader } from '#store/store.ts';

/**
 * Who signs with the root key is root of the account of Keiro's first user; every other key is one that IAM or STS gave out.
 * @param reader any view of the store: each call is answered by what is true when it comes
 */
export function sigv4Access(reader: Reader, rootKey: RootKey): Access {
  return {
    authenticate: ({ request, entry, nowMs }) => {
      let principal: Principal | undefined;
      const secretOf = (id: string): Secret | undefined => {
        if (id === rootKey.accessKeyId) {
          principal = rootPrincipal(defaultAccount, id);
          return { secret: rootKey.secret };
        }
        const key = findAccessKey(reader, id);
        // A key that was made inactive is as good as none.
        if (!key?.active) return undefined;
        principal = key.principal;
        return key;
      };
      const { region } = verifySignature(request, { secretOf, now: new Date(nowMs), service: entry.signingName, family: entry.family });
      if (!principal) throw new Error('a signature was verified with nobody’s secret');
      return { principal, region };
    },
    authorize: (call) => authorize(call, reader),
  };
}

/** STS calls that need no permission (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html). */
const freeForAll = new Set(['GetCallerIdentity', 'GetSessionToken']);

function authorize(call: Authorization, reader: Reader): void {
  const { entry, operation } = call;
  const { principal } = call.caller;
  const access = policiesOf(reader, principal);
  refuseSessions(call, access);
  // Root is bound by no policy of its account; STS's own are for anybody who is known.
  if (access.policies === undefined || (entry.name === 'sts' && freeForAll.has(operation))) return;
  const asked: Asked = { call, reader, access, policies: access.policies, keys: requestKeys(call, principal, access) };
  requireAllowed(
    asked,
    `${entry.actionPrefix}:${operation}`,
    resourcesOf(namedCall(call, access), reader),
    trustPolicy(call, reader, access),
  );
  for (const { action, resources, keys } of furtherActions(call, reader)) {
    requireAllowed({ ...asked, keys: new Map([...asked.keys, ...keys]) }, action, resources);
  }
}

/** A call, and what is known of who makes it. */
interface Asked {
  readonly call: Authorization;
  readonly reader: Reader;
  readonly access: PrincipalAccess;
  readonly policies: PolicySet;
  readonly keys: RequestKeys;
}

/** @throws AwsError in the service's words when an action on one of the resources is denied. */
function requireAllowed(asked: Asked, action: string, resources: readonly CallResource[], onResource?: ResourcePolicy): void {
  const { entry } = asked.call;
  for (const resource of resources) {
    const request = { action, resource: resource.arn, context: withResourceTags(asked.keys, entry.actionPrefix, resource.tags ?? []) };
    const verdict = evaluate(request, asked.policies, onResource);
    if (verdict.decision === 'allowed') continue;
    const { principal } = asked.call.caller;
    throw denial({ entry, principal, action, resource: resource.shown, verdict, encoded: encodedReason(asked, request, verdict) });
  }
}

/** EC2's calls that change something tell why they were denied to whoever may ask STS. */
function encodedReason({ call, reader, access }: Asked, request: AccessRequest, verdict: AccessVerdict): string | undefined {
  if (call.entry.family !== 'ec2' || /^(?:Describe|Get|Search)/.test(call.operation)) return undefined;
  return encodeMessage(reader, explainDenial(call.caller.principal, access, request, verdict), randomBytes);
}

/** A request's keys, and those about the tags of the resource that it is about, under both their names. */
function withResourceTags(context: RequestKeys, prefix: string, tags: readonly Tag[]): RequestKeys {
  if (tags.length === 0) return context;
  const keys = new Map(context);
  for (const { Key, Value } of tags) {
    keys.set(`aws:resourcetag/${Key.toLowerCase()}`, [Value]);
    keys.set(`${prefix}:resourcetag/${Key.toLowerCase()}`, [Value]);
  }
  return keys;
}

/** GetSessionToken's and GetFederationToken's credentials do less than their user (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html). */
function refuseSessions({ entry, operation }: Authorization, { session }: PrincipalAccess): void {
  if (!session || session.kind === 'role') return;
  if (entry.name === 'iam') throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid', 403);
  if (entry.name !== 'sts' || operation === 'GetCallerIdentity') return;
  if (operation === 'AssumeRole' && session.kind !== 'federated-user') return;
  throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, 403);
}

function namedCall({ entry, operation, input, caller, nowMs }: Authorization, access: PrincipalAccess) {
  const { account } = caller.principal;
  return { service: entry.name, operation, input, account, region: caller.region, callerArn: access.identityArn, nowMs };
}

/** A role's trust policy has its say with the policies of the caller. */
function trustPolicy(
  { entry, operation, input, caller }: Authorization,
  reader: Reader,
  access: PrincipalAccess,
): ResourcePolicy | undefined {
  const roleArn = input['RoleArn'];
  if (entry.name !== 'sts' || operation !== 'AssumeRole' || typeof roleArn !== 'string') return undefined;
  const found = findRole(reader, roleArn);
  return found && trustOf(found, caller.principal, access);
}

interface FurtherAction {
  readonly action: string;
  readonly resources: readonly CallResource[];
  readonly keys: RequestKeys;
}

/** What else a call does: it tags what it makes, it hands a role to an instance. */
function* furtherActions({ entry, operation, input, caller }: Authorization, reader: Reader): Generator<FurtherAction> {
  const { account } = caller.principal;
  const specifications = input['TagSpecifications'];
  if (entry.name === 'ec2' && Array.isArray(specifications)) {
    const tagged = specifications as readonly { readonly ResourceType?: string }[]; // the protocol decoded structures
    const resources = tagged.map(({ ResourceType }) => ec2Arn(`${ResourceType}/*`, { account, region: caller.region }));
    yield {
      action: 'ec2:CreateTags',
      resources: resources.map((arn) => ({ arn, shown: arn })),
      keys: new Map([['ec2:createaction', [operation]]]),
    };
  }
  const role = passedRoleOf(reader, account, input);
  if (role !== undefined) {
    yield {
      action: 'iam:PassRole',
      resources: [{ arn: role, shown: role }],
      keys: new Map([['iam:passedtoservice', ['ec2.amazonaws.com']]]),
    };
  }
}
