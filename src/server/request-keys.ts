/** What conditions of policies may ask of a call: where it came from, when, and with which tags. */
import type { Principal } from '#aws/context.ts';
import type { Authorization } from '#server/authentication.ts';
import { addPrincipalKeys, addRequestTags, addTimeKeys, type PrincipalAccess } from '#services/iam/public.ts';

/** Values by condition key in lower case. */
export type RequestKeys = ReadonlyMap<string, readonly string[]>;
type Keys = Map<string, readonly string[]>;
type Input = Readonly<Record<string, unknown>>;

/** The keys and values of one call, names in lower case. */
export function requestKeys(
  { entry, input, caller, nowMs, request, origin }: Authorization,
  principal: Principal,
  access: PrincipalAccess,
): RequestKeys {
  const keys: Keys = new Map();
  addPrincipalKeys(keys, principal, access);
  addTimeKeys(keys, nowMs);
  keys.set('aws:requestedregion', [caller.region]);
  if (origin) {
    keys.set('aws:sourceip', [origin.remoteAddress.replace(/^::ffff:(?=\d+\.)/, '')]);
    keys.set('aws:securetransport', [String(origin.secure)]);
  }
  const agent = request.headers['user-agent'];
  if (agent !== undefined) keys.set('aws:useragent', [agent]);
  addRequestTags(keys, tagsOf(input));
  const tagKeys = input['TagKeys'];
  if (isTexts(tagKeys)) keys.set('aws:tagkeys', tagKeys);
  if (entry.name === 'ec2') addEc2Keys(keys, input, caller.region);
  if (entry.name === 'iam') addIamKeys(keys, input);
  if (entry.name === 'sts') addStsKeys(keys, input);
  return keys;
}

interface TagInput {
  readonly Key?: string;
  readonly Value?: string;
}

/** `Tags`, and those in `TagSpecifications`. */
function tagsOf(input: Input): readonly TagInput[] {
  const { Tags = [], TagSpecifications = [] } = input as TaggedInput; // no operation has other members of these names
  return [...Tags, ...TagSpecifications.flatMap((specification) => specification.Tags ?? [])].filter((tag) => typeof tag === 'object');
}

interface TaggedInput {
  readonly Tags?: readonly TagInput[];
  readonly TagSpecifications?: readonly { readonly Tags?: readonly TagInput[] }[];
}

function addEc2Keys(keys: Keys, input: Input, region: string): void {
  keys.set('ec2:region', [region]);
  addText(keys, 'ec2:instancetype', input['InstanceType']);
}

function addIamKeys(keys: Keys, input: Input): void {
  addText(keys, 'iam:policyarn', input['PolicyArn']);
  addText(keys, 'iam:permissionsboundary', input['PermissionsBoundary']);
}

function addStsKeys(keys: Keys, input: Input): void {
  addText(keys, 'sts:externalid', input['ExternalId']);
  addText(keys, 'sts:rolesessionname', input['RoleSessionName']);
  addText(keys, 'sts:sourceidentity', input['SourceIdentity']);
  const transitive = input['TransitiveTagKeys'];
  if (isTexts(transitive)) keys.set('sts:transitivetagkeys', transitive);
}

function addText(keys: Keys, key: string, value: unknown): void {
  if (typeof value === 'string') keys.set(key, [value]);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
