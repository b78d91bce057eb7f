/** Which resources a call is about, as policies name them. */
import { globalArn, regionalArn } from '#aws/arns.ts';
import type { Tag } from '#aws/tags.ts';
import { ec2Resources } from '#server/ec2-resources.ts';
import { taggableOf } from '#services/ec2/taggable-resources.ts';
import { identityArnOf, identityTagsOf } from '#services/iam/public.ts';
import type { Reader } from '#store/store.ts';

export interface CallResource {
  /** ARN, or `*`. */
  readonly arn: string;
  /** As AWS's messages name it; undefined where they leave it out. */
  readonly shown?: string;
  /** Of a resource that is there. */
  readonly tags?: readonly Tag[];
}

type Input = Readonly<Record<string, unknown>>;

export interface NamedCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Input;
  readonly account: string;
  readonly region: string;
  /** ARN of the calling user or role. */
  readonly callerArn: string;
  readonly nowMs: number;
}

/** At least one. */
export function resourcesOf(call: NamedCall, reader: Reader): readonly CallResource[] {
  switch (call.service) {
    case 'ec2':
      return ec2Resources(call.operation, call.input, call).map((arn) => ({ ...plain(arn), tags: ec2Tags(call, arn, reader) }));
    case 'iam':
      return [iamResource(call, reader)];
    case 'sts':
      return [stsResource(call)];
    case 'service-quotas':
      return [quotaResource(call)];
    case 'ssm':
      return ssmResources(call);
    default:
      return [{ arn: '*' }];
  }
}

const plain = (arn: string): CallResource => (arn === '*' ? { arn } : { arn, shown: arn });
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function ec2Tags({ account, region, nowMs }: NamedCall, arn: string, reader: Reader): readonly Tag[] {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  return taggableOf(id)?.find({ tx: reader.in({ account, region }), nowMs }, id)?.tags ?? [];
}

/** What IAM calls are about, the most specific first: adding a user to a group is about the group. */
const iamMembers = [
  ['GroupName', 'group'],
  ['InstanceProfileName', 'instance profile'],
  ['RoleName', 'role'],
  ['UserName', 'user'],
] as const;

/** Resource parts that lists are about. */
const iamLists: Readonly<Record<string, string>> = {
  ListGroups: 'group',
  ListInstanceProfiles: 'instance-profile',
  ListRoles: 'role',
  ListUsers: 'user',
};
/** Calls that are about the caller when they name no user. */
const ownUserCalls = /^(?:GetUser|(?:Create|List|Update|Delete)AccessKeys?)$/;

function iamResource({ operation, input, account, region, callerArn }: NamedCall, reader: Reader): CallResource {
  const list = iamLists[operation];
  const prefix = textOf(input['PathPrefix']) ?? '/';
  if (list) return plain(globalArn({ account, region }, 'iam', `${list}${prefix}`));
  if (operation === 'ListPolicies')
    return { arn: globalArn({ account, region }, 'iam', `policy${prefix}`), shown: `policy path ${prefix}` };
  for (const [member, noun] of iamMembers) {
    const name = textOf(input[member]);
    if (name === undefined) continue;
    const arn = identityArnOf(reader, account, member, name, textOf(input['Path']));
    if (operation.startsWith('Create') && operation !== 'CreateAccessKey') return plain(arn);
    return { arn, shown: `${noun} ${name}`, tags: identityTagsOf(reader, account, member, name) };
  }
  const policyArn = textOf(input['PolicyArn']);
  if (policyArn !== undefined) return { arn: policyArn, shown: `policy ${policyArn}` };
  const policyName = textOf(input['PolicyName']);
  if (policyName !== undefined)
    return {
      arn: globalArn({ account, region }, 'iam', `policy${textOf(input['Path']) ?? '/'}${policyName}`),
      shown: `policy ${policyName}`,
    };
  const source = textOf(input['PolicySourceArn']);
  if (source !== undefined) return plain(source);
  return ownUserCalls.test(operation) ? plain(callerArn) : { arn: '*', shown: '*' };
}

function stsResource({ operation, input, account, region }: NamedCall): CallResource {
  const roleArn = textOf(input['RoleArn']);
  if (roleArn !== undefined) return plain(roleArn);
  if (operation === 'GetFederationToken') return plain(globalArn({ account, region }, 'sts', `federated-user/${textOf(input['Name'])}`));
  return { arn: '*', shown: '*' };
}

function quotaResource({ operation, input, account, region }: NamedCall): CallResource {
  if (operation !== 'RequestServiceQuotaIncrease') return { arn: '*' };
  return plain(regionalArn({ account, region }, 'servicequotas', `${textOf(input['ServiceCode'])}/${textOf(input['QuotaCode'])}`));
}

/** AWS's public parameters belong to no account. */
function ssmResources({ input, account, region }: NamedCall): readonly CallResource[] {
  const names = [input['Name'], input['Path'], ...(Array.isArray(input['Names']) ? (input['Names'] as readonly unknown[]) : [])]; // a list, as just seen
  const found = names
    .map(textOf)
    .filter((name) => name !== undefined)
    .map((name) =>
      regionalArn({ account: name.startsWith('/aws/service/') ? '' : account, region }, 'ssm', `parameter/${name.replace(/^\//, '')}`),
    );
  return found.length === 0 ? [{ arn: '*' }] : found.map(plain);
}
