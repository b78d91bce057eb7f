import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  CreateVpcCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  type NetworkAclEntry,
  ReplaceNetworkAclEntryCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

interface Place {
  readonly ec2: EC2Client;
  readonly acl: string;
}

async function place(): Promise<Place> {
  const ec2 = keiro.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: Vpc?.VpcId }));
  return { ec2, acl: NetworkAcl?.NetworkAclId ?? '' };
}

const http = {
  RuleNumber: 100,
  Egress: false,
  Protocol: '6',
  RuleAction: 'allow',
  CidrBlock: '0.0.0.0/0',
  PortRange: { From: 80, To: 80 },
} as const;

async function add({ ec2, acl }: Place, entry: Partial<CreateNetworkAclEntryCommandInput>): Promise<void> {
  await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: acl, ...http, ...entry }));
}

/** The entries that callers wrote. */
async function entries({ ec2, acl }: Place): Promise<NetworkAclEntry[]> {
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [acl] }));
  return (NetworkAcls?.[0]?.Entries ?? []).filter((entry) => (entry.RuleNumber ?? 0) <= 32_766);
}

describe('network ACL entries', () => {
  test('are kept by number in each direction', async () => {
    const here = await place();
    await add(here, { RuleNumber: 32_766, RuleAction: 'deny' });
    await add(here, { RuleNumber: 1 });
    await add(here, { RuleNumber: 1, Egress: true });
    expect((await entries(here)).map((entry) => [entry.Egress, entry.RuleNumber, entry.RuleAction])).toEqual([
      [true, 1, 'allow'],
      [false, 1, 'allow'],
      [false, 32_766, 'deny'],
    ]);
    expect(await refusal(add(here, { RuleNumber: 1 }))).toEqual({
      code: 'NetworkAclEntryAlreadyExists',
      message: 'The network acl entry identified by 1 already exists.',
    });
  });

  test('keep ports and ICMP types only where they mean something, and blocks without host bits', async () => {
    const here = await place();
    const PortRange = { From: 22, To: 23 };
    const IcmpTypeCode = { Type: 8, Code: -1 };
    const range = { PortRange, IcmpTypeCode };
    await add(here, { RuleNumber: 1, Protocol: '6', ...range, CidrBlock: '100.68.0.18/18' });
    await add(here, { RuleNumber: 2, Protocol: '1', ...range });
    await add(here, { RuleNumber: 3, Protocol: '-1', ...range });
    await add(here, { RuleNumber: 4, Protocol: '50', ...range });
    await add(here, { RuleNumber: 5, Protocol: '58', ...range });
    await add(here, { RuleNumber: 6, Protocol: '58', ...range, CidrBlock: undefined, Ipv6CidrBlock: '2001:DB8::1/32' });
    const shared = { Egress: false, RuleAction: 'allow' };
    const everyone = { CidrBlock: '0.0.0.0/0' };
    expect(await entries(here)).toEqual([
      { ...shared, RuleNumber: 1, Protocol: '6', CidrBlock: '100.68.0.0/18', PortRange },
      { ...shared, RuleNumber: 2, Protocol: '1', ...everyone, IcmpTypeCode },
      { ...shared, RuleNumber: 3, Protocol: '-1', ...everyone },
      { ...shared, RuleNumber: 4, Protocol: '50', ...everyone },
      { ...shared, RuleNumber: 5, Protocol: '58', ...everyone },
      { ...shared, RuleNumber: 6, Protocol: '58', Ipv6CidrBlock: '2001:db8::/32', IcmpTypeCode },
    ]);
  });

  test('are replaced whole', async () => {
    const here = await place();
    await add(here, {});
    const everything = {
      NetworkAclId: here.acl,
      RuleNumber: 100,
      Egress: false,
      Protocol: '-1',
      RuleAction: 'deny',
      CidrBlock: '10.0.0.0/8',
    } as const;
    await here.ec2.send(new ReplaceNetworkAclEntryCommand(everything));
    expect(await entries(here)).toEqual([{ RuleNumber: 100, Egress: false, Protocol: '-1', RuleAction: 'deny', CidrBlock: '10.0.0.0/8' }]);
    expect(await refusal(here.ec2.send(new ReplaceNetworkAclEntryCommand({ ...everything, Egress: true })))).toEqual({
      code: 'InvalidNetworkAclEntry.NotFound',
      message: 'The network acl entry identified by 100 does not exist.',
    });
  });

  test('are deleted in one direction', async () => {
    const here = await place();
    await add(here, {});
    await add(here, { Egress: true });
    const inbound = { NetworkAclId: here.acl, RuleNumber: 100, Egress: false };
    await here.ec2.send(new DeleteNetworkAclEntryCommand(inbound));
    expect(await entries(here)).toMatchObject([{ RuleNumber: 100, Egress: true }]);
    expect(await refusal(here.ec2.send(new DeleteNetworkAclEntryCommand(inbound)))).toEqual({
      code: 'InvalidNetworkAclEntry.NotFound',
      message: 'The network acl entry identified by 100 does not exist.',
    });
    expect(await refusal(here.ec2.send(new DeleteNetworkAclEntryCommand({ ...inbound, RuleNumber: 32_767 })))).toMatchObject({
      code: 'InvalidNetworkAclEntry.NotFound',
    });
  });

  test('are at most 20 in a direction, the last deny among them, IPv4 and IPv6 apart', async () => {
    const here = await place();
    for (let RuleNumber = 1; RuleNumber <= 19; RuleNumber++) await add(here, { RuleNumber });
    expect(await refusal(add(here, { RuleNumber: 20 }))).toEqual({
      code: 'NetworkAclEntryLimitExceeded',
      message: 'The maximum number of network acl entries has been reached.',
    });
    await add(here, { RuleNumber: 20, Egress: true });
    await add(here, { RuleNumber: 20, CidrBlock: undefined, Ipv6CidrBlock: '::/0' });
  });

  test.each<[string, Partial<CreateNetworkAclEntryCommandInput>, string, string?]>([
    ['rule number 0', { RuleNumber: 0 }, 'Value (0) for parameter ruleNumber is invalid. Rulenumber must be in range 1..32766'],
    [
      'the last rule number',
      { RuleNumber: 32_767 },
      'Value (32767) for parameter ruleNumber is invalid. Rulenumber must be in range 1..32766',
    ],
    ['a protocol by name', { Protocol: 'tcp' }, "Invalid value 'tcp' for IP protocol. Unknown protocol."],
    ['a protocol that is none', { Protocol: '256' }, "Invalid value '256' for IP protocol. Unknown protocol."],
    ['TCP without ports', { PortRange: undefined }, 'The request must contain the parameter portRange.from', 'MissingParameter'],
    [
      'UDP with one port',
      { Protocol: '17', PortRange: { From: 1 } },
      'The request must contain the parameter portRange.to',
      'MissingParameter',
    ],
    ['a port over 65535', { PortRange: { From: 1, To: 65_536 } }, 'TCP/UDP port (65536) out of range'],
    ['ports the wrong way round', { PortRange: { From: 90, To: 80 } }, 'Invalid TCP/UDP port range (90:80)'],
    ['ICMP without a type', { Protocol: '1' }, 'The request must contain the parameter icmpTypeCode.type', 'MissingParameter'],
    [
      'ICMP without a code',
      { Protocol: '1', IcmpTypeCode: { Type: 8 } },
      'The request must contain the parameter icmpTypeCode.code',
      'MissingParameter',
    ],
    ['an ICMP type over 255', { Protocol: '1', IcmpTypeCode: { Type: 256, Code: 0 } }, 'ICMP type (256) out of range'],
    ['an ICMP code below -1', { Protocol: '1', IcmpTypeCode: { Type: 8, Code: -2 } }, 'ICMP code (-2) out of range'],
    [
      'a block that is none',
      { CidrBlock: '10.0.0.0/33' },
      'Value (10.0.0.0/33) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
    [
      'an IPv4 block as IPv6',
      { CidrBlock: undefined, Ipv6CidrBlock: '10.0.0.0/8' },
      'Value (10.0.0.0/8) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.',
    ],
    ['no block', { CidrBlock: undefined }, "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.", 'MissingParameter'],
    [
      'two blocks',
      { Ipv6CidrBlock: '::/0' },
      "Only one of 'cidrBlock' and 'ipv6CidrBlock' can be provided.",
      'InvalidParameterCombination',
    ],
    [
      'an ACL that is not there',
      { NetworkAclId: 'acl-0123456789abcdef0' },
      "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
      'InvalidNetworkAclID.NotFound',
    ],
  ])('are refused with %s', async (_, entry, message, code = 'InvalidParameterValue') => {
    expect(await refusal(add(await place(), entry))).toEqual({ code, message });
  });
});
