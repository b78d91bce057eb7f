/** Single values: what a member of that name would plausibly hold, and what nobody should send. */
import { regions, zonesOf } from '#aws/regions.ts';
import { cidrSize, nthIp, parseCidr } from '#model/cidr.ts';
import { formatIp } from '#model/ip.ts';
import { awsPrefixLists } from '#services/ec2/prefix-lists/aws-prefix-lists.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { publicParameters } from '#services/ssm/public-parameters.ts';
import { quotas } from '#services/service-quotas/catalog.ts';
import type { Known } from '#test/fuzz/known.ts';
import type { Choices } from '#test/wire/schema-values.ts';

const region = 'eu-west-1';

/** What a value is drawn for. */
export interface Setting {
  readonly choices: Choices;
  readonly known: Known;
  readonly operation: string;
  /** The values that the call holds so far: those to come had better belong to them. */
  readonly drawn: string[];
  /** Accounts that the caller may know of. */
  readonly accounts: readonly string[];
}

/** One of the values, rather one that belongs to what the call names already. */
function pick({ choices, known, drawn }: Setting, values: readonly string[]): string {
  const near = choices.once(4) ? [] : values.filter((value) => drawn.some((one) => one !== value && known.beside(one).has(value)));
  const picked = choices.of(near.length > 0 ? near : values);
  drawn.push(picked);
  return picked;
}

/** The beginnings of the ids that a member takes; the first rule that matches counts. */
const kinds: readonly (readonly [member: RegExp, prefixes: readonly string[]])[] = [
  [/^(?:Peer|Accepter|Requester)?VpcIds?$/, ['vpc']],
  [/SubnetCidrReservationIds?$/, ['scr']],
  [/SubnetIds?$/, ['subnet']],
  [/SecurityGroupRuleIds?$/, ['sgr']],
  [/^(?:ReferencedGroupId|SourceSecurityGroupId|SecurityGroupIds?|GroupIds?|Groups)$/, ['sg']],
  [/RouteTableIds?$/, ['rtb']],
  [/EgressOnlyInternetGatewayIds?$/, ['eigw']],
  [/NatGatewayIds?$/, ['nat']],
  [/^(?:Internet)?GatewayIds?$/, ['igw']],
  [/AllocationIds?$/, ['eipalloc']],
  [/AttachmentIds?$/, ['eni-attach', 'ela-attach']],
  [/NetworkInterfacePermissionIds?$/, ['eni-perm']],
  [/NetworkInterfaceIds?$/, ['eni']],
  [/NetworkInsightsPathIds?$/, ['nip']],
  [/NetworkInsightsAnalysisIds?$/, ['nia']],
  [/^(?:Source|Destination)$/, ['eni', 'i', 'igw']],
  [/DhcpOptionsIds?$/, ['dopt']],
  [/NetworkAclIds?$/, ['acl']],
  [/PrefixListIds?$/, ['pl']],
  [/InstanceIds?$/, ['i']],
  [/KeyPairIds?$/, ['key']],
];

/** Which kind of association a call is about. */
const associations: readonly (readonly [operation: RegExp, prefix: string])[] = [
  [/Address/, 'eipassoc'],
  [/RouteTable/, 'rtbassoc'],
  [/NetworkAcl/, 'aclassoc'],
  [/VpcCidr/, 'vpc-cidr-assoc'],
  [/SubnetCidr/, 'subnet-cidr-assoc'],
];

const words = ['web', 'web-2', 'Name', 'team', 'x', 'Keiro', 'a b', 'default', 'prod'] as const;
const filterNames = [
  'vpc-id',
  'subnet-id',
  'group-id',
  'state',
  'tag:Name',
  'tag-key',
  'owner-id',
  'network-interface-id',
  'nope',
] as const;

/** A value that the member could well hold. */
export function plausibleText(setting: Setting, name: string): string {
  const { choices, operation } = setting;
  const prefixes = kinds.find(([member]) => member.test(name))?.[1];
  if (prefixes) return oneOfKind(setting, prefixes);
  if (/Association_?Ids?$/.test(name)) {
    const prefix = associations.find(([of]) => of.test(operation))?.[1];
    return oneOfKind(setting, prefix === undefined ? associations.map(([, any]) => any) : [prefix]);
  }
  if (name === 'Name' && !/Create|Put|Add|Parameter/.test(operation)) return choices.of(filterNames);
  return address(setting, name) ?? word(setting, name);
}

function oneOfKind(setting: Setting, prefixes: readonly string[]): string {
  const { choices, known } = setting;
  const found = prefixes.flatMap((prefix) => known.ids.get(prefix) ?? []);
  if (prefixes[0] === 'pl' && choices.once(4)) return choices.of(awsPrefixLists(region)).id;
  if (found.length > 0) return pick(setting, found);
  return `${prefixes[0]}-0123456789abcdef0`;
}

function address(setting: Setting, name: string): string | undefined {
  const { choices, known } = setting;
  if (/Ipv6Cidr|CidrIpv6|Ipv6Prefix/.test(name)) return ipv6Block(setting);
  if (/Cidr|Ipv4Prefix/.test(name)) return ipv4Block(setting);
  if (/Ipv6Address/.test(name))
    return isAboutExisting(setting.operation) || choices.once(3)
      ? pick(setting, [...known.ipv6Addresses, '2001:db8::9'])
      : addressIn(setting, known.ipv6Blocks);
  if (/PublicIp|^Address$/.test(name)) return choices.of([...known.ipv4Addresses.filter((one) => one.startsWith('198.')), '198.18.1.9']);
  if (/Ip(?:Address(?:es)?)?$/.test(name))
    return isAboutExisting(setting.operation) || choices.once(2)
      ? pick(setting, [...known.ipv4Addresses, '10.0.0.9'])
      : addressIn(setting, known.ipv4Blocks);
  return undefined;
}

/** Whether a call changes or takes away what is there, rather than adds to it. */
function isAboutExisting(operation: string): boolean {
  return /^(?:Delete|Replace|Unassign|Disassociate|Revoke|Release)/.test(operation);
}

function ipv4Block(setting: Setting): string {
  const { choices, known, operation } = setting;
  if (operation === 'CreateVpc') return `10.${choices.integer(0, 9)}.0.0/${choices.integer(16, 24)}`;
  if (/Route|Security|Acl/.test(operation) && choices.once(2))
    return choices.of(['0.0.0.0/0', '192.0.2.0/24', '10.0.0.0/8', '172.16.5.4/32']);
  const block = pick(setting, [...known.ipv4Blocks, '10.0.0.0/16']);
  const cidr = parseCidr(block);
  if (!cidr || isAboutExisting(operation) || choices.once(4)) return block;
  const length = Math.min(32, Math.max(cidr.prefixLength, choices.integer(cidr.prefixLength, cidr.prefixLength + 10)));
  const step = 2 ** (32 - length);
  const place = nthIp(cidr, choices.integer(0, cidrSize(cidr) / step - 1) * step);
  return place === undefined ? block : `${formatIp(place)}/${length}`;
}

function ipv6Block(setting: Setting): string {
  const { choices, known, operation } = setting;
  if (/Route|Security|Acl/.test(operation) && choices.once(2)) return choices.of(['::/0', '2001:db8:ffff::/48']);
  const block = pick(setting, [...known.ipv6Blocks, '2001:db8::/56']);
  const [place = ''] = block.split('/');
  if (block.endsWith('/56') && !choices.once(6)) return `${place.replace(/00::$/, `0${choices.integer(0, 9)}::`)}/64`;
  return choices.once(2) ? block : `${place}/80`;
}

function addressIn(setting: Setting, blocks: readonly string[]): string {
  const { choices } = setting;
  const cidr = parseCidr(pick(setting, [...blocks, '10.0.0.0/28']));
  const last = cidr ? Math.min(cidrSize(cidr) - 2, 4096) : 0;
  const ip = cidr && nthIp(cidr, choices.integer(Math.min(4, last), last));
  return ip === undefined ? '10.0.0.5' : formatIp(ip);
}

function word(setting: Setting, name: string): string {
  const { choices, known, operation } = setting;
  const own = namedLike(known, name);
  if (own.length > 0 && !/^Create(?!Access|PolicyV)/.test(operation) && !choices.once(8)) return choices.of(own);
  if (/^(?:KeyName|KeyNames)$/.test(name))
    return choices.once(2) ? choices.of([...(known.names.get('ec2.key-pair') ?? []), 'key']) : `key-${choices.integer(0, 99)}`;
  if (/GroupNames?$/.test(name)) return choices.once(3) ? 'default' : `group-${choices.integer(0, 99)}`;
  if (/^IpProtocol$/.test(name)) return choices.of(['tcp', 'tcp', 'udp', '-1', '6', 'icmp', 'icmpv6', '47']);
  if (name === 'Protocol') return choices.of(['-1', '6', '17', '1', '58']);
  if (/AvailabilityZoneIds?$/.test(name)) return choices.of(zonesOf(region)).id;
  if (/AvailabilityZone|ZoneNames?$/.test(name)) return choices.of(zonesOf(region)).name;
  if (/Region(?:Name)?s?$/.test(name)) return choices.of([region, ...regions.keys()]);
  if (/^ImageIds?$/.test(name)) return choices.of([...publicImages(region).keys()]);
  if (/^InstanceTypes?$/.test(name)) return choices.of(['t3.micro', 't2.micro', 'm5.large', 't4g.nano']);
  if (name === 'Path') return choices.of(['/aws/service/ami-amazon-linux-latest', '/aws/service/canonical/ubuntu/server', '/aws']);
  if (/Parameter/.test(operation) && /^Names?$/.test(name)) return choices.of([...publicParameters(region).keys()]);
  if (/^ActionNames?$/.test(name)) return choices.of(['ec2:CreateVpc', 'ec2:DeleteVpc', 'iam:GetUser']);
  if (name === 'ServiceCode') return choices.once(2) ? 'vpc' : choices.of(quotas).service;
  if (name === 'QuotaCode') return choices.once(2) ? 'L-F678F1CE' : choices.of(quotas).code;
  if (name === 'PolicySourceArn') return (known.arns[0] ?? '').replace(/:policy\/.*/, ':user/ann');
  if (/PolicyDocument$|PolicyInputList/.test(name)) return choices.of(policies);
  if (/Arns?$|Boundary$/.test(name) && known.arns.length > 0) return choices.of(known.arns);
  if (name === 'AddressFamily') return choices.of(['IPv4', 'IPv6']);
  if (/AccountId|OwnerId|UserId/.test(name)) return choices.of(setting.accounts);
  if (/^Resources$/.test(name)) return choices.of([...known.ids.values()].flat().concat('vpc-0123456789abcdef0'));
  if (name === 'Key')
    return operation === 'CreateDhcpOptions' ? choices.of(['domain-name', 'domain-name-servers', 'ntp-servers']) : choices.of(words);
  if (name === 'Values' && operation === 'CreateDhcpOptions') return '10.0.0.2';
  if (name === 'CpuCredits') return choices.of(['standard', 'unlimited']);
  if (name === 'Values') return choices.of([...words, '10.0.0.2', ...(known.ids.get('vpc') ?? [])]);
  if (name === 'VersionId') return choices.of(['v1', 'v2']);
  if (name === 'DomainName') return 'mail.example.com';
  if (name.endsWith('Id')) return choices.of([...known.ids.values()].flat().concat('x-0123456789abcdef0'));
  return choices.once(3) ? `${choices.of(words)}-${choices.integer(0, 99)}` : choices.of(words);
}

const policies = [
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}',
] as const;

/** For `UserName` the names in the table `iam.user`. */
function namedLike(known: Known, member: string): readonly string[] {
  const noun = member
    .replace(/Names?$/, '')
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
  return [...known.names].flatMap(([table, names]) => (table.endsWith(`.${noun}`) ? names : []));
}

export function plausibleNumber({ choices, operation }: Setting, name: string): number {
  if (name.startsWith('From')) return choices.of([22, 80, 443, 0]);
  if (name.startsWith('To')) return choices.of([443, 1024, 8080, 65_535]);
  if (name === 'MinCount') return 1;
  if (name === 'MaxCount') return choices.integer(1, 2);
  if (name === 'RuleNumber') return operation.startsWith('Create') || choices.once(3) ? choices.integer(1, 300) : 100;
  if (name === 'MaxResults') return choices.integer(5, 20);
  if (name === 'MaxEntries') return choices.integer(1, 20);
  if (name.endsWith('Version')) return choices.integer(1, 3);
  if (/^(?:Type|Code)$/.test(name)) return choices.of([-1, 0, 8]);
  return choices.integer(0, 4);
}

export function wildNumber(choices: Choices): number {
  return choices.of([-1, 0, 1, 6, -2_147_483_648, 2_147_483_647, 65_536, 1e9, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 32_767]);
}

const wildTexts = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  '?',
  '\\',
  '%00',
  '\u0000',
  '経路😀',
  '<a>&"\'',
  '../../etc/passwd',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.1/24',
  '256.0.0.0/8',
  '0.0.0.0/0',
  '10.0.0.0',
  '::/129',
  '::ffff:10.0.0.0/96',
  'fe80::1%eth0',
  '1e400',
  'NaN',
  'vpc-',
  'vpc-zzzzzzzz',
  'sg-0123456789abcdef0',
  'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1',
  'x'.repeat(300),
  'é'.repeat(70_000),
] as const;

/** What no member should be given, and ids of every other kind. */
export function wildText(choices: Choices, known: Known): string {
  if (choices.once(3)) return choices.of([...known.ids.values()].flat().concat('i-0123456789abcdef0'));
  return choices.of(wildTexts);
}
