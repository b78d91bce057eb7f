/** Which EC2 resources a call is about: ARNs by the ids in its input (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html). */
import { partitionOf } from '#aws/regions.ts';

/** Resource types by the prefix of their ids. Associations, attachments and the like are no resources of policies. */
const typesByPrefix: Readonly<Record<string, string>> = {
  acl: 'network-acl',
  ami: 'image',
  cgw: 'customer-gateway',
  dopt: 'dhcp-options',
  eigw: 'egress-only-internet-gateway',
  eipalloc: 'elastic-ip',
  eni: 'network-interface',
  fl: 'vpc-flow-log',
  i: 'instance',
  igw: 'internet-gateway',
  key: 'key-pair',
  nat: 'natgateway',
  nia: 'network-insights-analysis',
  nip: 'network-insights-path',
  pcx: 'vpc-peering-connection',
  pl: 'prefix-list',
  rtb: 'route-table',
  scr: 'subnet-cidr-reservation',
  sg: 'security-group',
  sgr: 'security-group-rule',
  snap: 'snapshot',
  subnet: 'subnet',
  tgw: 'transit-gateway',
  'tgw-attach': 'transit-gateway-attachment',
  'tgw-rtb': 'transit-gateway-route-table',
  vgw: 'vpn-gateway',
  vol: 'volume',
  vpc: 'vpc',
  vpce: 'vpc-endpoint',
  'vpce-svc': 'vpc-endpoint-service',
  vpn: 'vpn-connection',
};
const types = new Set(Object.values(typesByPrefix));

/** What calls make whose names do not say so. */
const madeBy: Readonly<Record<string, readonly string[]>> = {
  AllocateAddress: ['elastic-ip'],
  AuthorizeSecurityGroupEgress: ['security-group-rule'],
  AuthorizeSecurityGroupIngress: ['security-group-rule'],
  CreateDefaultSubnet: ['subnet'],
  CreateDefaultVpc: ['vpc'],
  CreateFlowLogs: ['vpc-flow-log'],
  CreateManagedPrefixList: ['prefix-list'],
  CreateNatGateway: ['natgateway'],
  RunInstances: ['instance', 'network-interface', 'volume'],
  StartNetworkInsightsAnalysis: ['network-insights-analysis'],
};
/** Images and snapshots may be anybody's: their ARNs name no account. */
const withoutAccount = new Set(['image', 'snapshot']);

const ID = /^([a-z]+(?:-[a-z]+)?)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

type Input = Readonly<Record<string, unknown>>;

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The resources that a call names or makes; `*` for calls on none, as are nearly all Describe calls. */
export function ec2Resources(operation: string, input: Input, place: Place): readonly string[] {
  if (operation.startsWith('Describe') && !operation.endsWith('Attribute')) return ['*'];
  const made = typesMadeBy(operation).map((type) => `${type}/*`);
  const found = new Set([...made, ...namedResources(operation, input)]);
  return found.size === 0 ? ['*'] : [...found].map((resource) => ec2Arn(resource, place));
}

/** `arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-…` of `vpc/vpc-…`. */
export function ec2Arn(resource: string, { account, region }: Place): string {
  const owner = withoutAccount.has(resource.split('/', 1)[0] ?? '') ? '' : account;
  return `arn:${partitionOf(region)}:ec2:${region}:${owner}:${resource}`;
}

/** `CreateRouteTable` makes a `route-table`. */
export function typesMadeBy(operation: string): readonly string[] {
  const known = madeBy[operation];
  if (known) return known;
  const noun = /^Create(.+)$/.exec(operation)?.[1];
  const type = noun?.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return type !== undefined && types.has(type) ? [type] : [];
}

/** `VpcId: 'vpc-…'` is `vpc/vpc-…`. Structures inside the input (filters, permissions' source groups) name others' resources. */
function namedResources(operation: string, input: Input): string[] {
  const found = Object.values(input)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .flatMap((value) => resourceOf(value));
  const keyName = input['KeyName'];
  if (typeof keyName === 'string' && !/^(?:Create|Import)/.test(operation)) found.push(`key-pair/${keyName}`);
  if (operation === 'RunInstances') found.push(...launchResources(input['NetworkInterfaces']));
  return found;
}

function resourceOf(value: unknown): string[] {
  const [, prefix = ''] = typeof value === 'string' ? (ID.exec(value) ?? []) : [];
  const type = Object.hasOwn(typesByPrefix, prefix) ? typesByPrefix[prefix] : undefined;
  return type === undefined ? [] : [`${type}/${String(value)}`];
}

/** Subnets, groups and interfaces that a launch names inside its network interfaces. */
function launchResources(interfaces: unknown): string[] {
  if (!Array.isArray(interfaces)) return [];
  return (interfaces as readonly Input[]).flatMap((one) => namedResources('', one)); // the protocol decoded a list of structures
}
