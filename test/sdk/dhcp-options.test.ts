import {
  AssociateDhcpOptionsCommand,
  CreateDhcpOptionsCommand,
  CreateVpcCommand,
  DeleteDhcpOptionsCommand,
  DescribeDhcpOptionsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type NewDhcpConfiguration,
  paginateDescribeDhcpOptions,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function create(ec2: EC2Client, ...DhcpConfigurations: NewDhcpConfiguration[]) {
  const { DhcpOptions } = await ec2.send(new CreateDhcpOptionsCommand({ DhcpConfigurations }));
  return { ...DhcpOptions, DhcpOptionsId: DhcpOptions?.DhcpOptionsId ?? '' };
}

describe('DHCP options', () => {
  test('are made with every option, described and deleted', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const { DhcpOptions } = await ec2.send(
      new CreateDhcpOptionsCommand({
        DhcpConfigurations: [
          { Key: 'domain-name', Values: ['example.com'] },
          { Key: 'domain-name-servers', Values: ['10.2.5.1,10.2.5.2', 'AmazonProvidedDNS'] },
          { Key: 'ntp-servers', Values: ['169.254.169.123', 'fd00:ec2::123'] },
          { Key: 'netbios-name-servers', Values: ['10.2.5.3'] },
          { Key: 'netbios-node-type', Values: ['2'] },
          { Key: 'ipv6-address-preferred-lease-time', Values: ['3600'] },
        ],
        TagSpecifications: [{ ResourceType: 'dhcp-options', Tags: [{ Key: 'Name', Value: 'office' }] }],
      }),
    );
    const id = DhcpOptions?.DhcpOptionsId ?? '';
    expect(DhcpOptions).toEqual({
      DhcpOptionsId: expect.stringMatching(/^dopt-[0-9a-f]{17}$/),
      OwnerId: account,
      DhcpConfigurations: [
        { Key: 'domain-name', Values: [{ Value: 'example.com' }] },
        { Key: 'domain-name-servers', Values: [{ Value: '10.2.5.1' }, { Value: '10.2.5.2' }, { Value: 'AmazonProvidedDNS' }] },
        { Key: 'ntp-servers', Values: [{ Value: '169.254.169.123' }, { Value: 'fd00:ec2::123' }] },
        { Key: 'netbios-name-servers', Values: [{ Value: '10.2.5.3' }] },
        { Key: 'netbios-node-type', Values: [{ Value: '2' }] },
        { Key: 'ipv6-address-preferred-lease-time', Values: [{ Value: '3600' }] },
      ],
      Tags: [{ Key: 'Name', Value: 'office' }],
    });
    const idsBy = async (Name: string, value: string) => {
      const answer = await ec2.send(new DescribeDhcpOptionsCommand({ Filters: [{ Name, Values: [value] }] }));
      return [Name, answer.DhcpOptions?.map((options) => options.DhcpOptionsId)];
    };
    for (const [name, value] of [
      ['dhcp-options-id', id],
      ['key', 'ntp-servers'],
      ['value', 'example.com'],
      ['tag:Name', 'office'],
      ['tag-key', 'Name'],
    ] as const) {
      expect(await idsBy(name, value)).toEqual([name, [id]]);
    }
    expect((await idsBy('owner-id', account))[1]).toHaveLength(2);
    await ec2.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId: id }));
    const gone = { code: 'InvalidDhcpOptionID.NotFound', message: `The dhcpOption ID '${id}' does not exist` };
    expect(await refusal(ec2.send(new DescribeDhcpOptionsCommand({ DhcpOptionsIds: [id] })))).toEqual(gone);
    expect(await refusal(ec2.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId: id })))).toEqual(gone);
  });

  test.each([
    ['us-east-1', 'ec2.internal'],
    ['eu-west-1', 'eu-west-1.compute.internal'],
  ])('of a Region are there before the first call: %s', async (region, domain) => {
    const ec2 = keiro.client(EC2Client, { region });
    const { DhcpOptions } = await ec2.send(new DescribeDhcpOptionsCommand({}));
    expect(DhcpOptions?.map((options) => options.DhcpConfigurations)).toEqual([
      [
        { Key: 'domain-name', Values: [{ Value: domain }] },
        { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
      ],
    ]);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    expect(Vpc?.DhcpOptionsId).toBe(DhcpOptions?.[0]?.DhcpOptionsId);
  });

  test('are associated with a VPC, taken off with `default`, and not deleted while in use', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const VpcId = Vpc?.VpcId ?? '';
    const { DhcpOptionsId } = await create(ec2, { Key: 'domain-name', Values: ['example.com'] });
    const current = async () => {
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
      return Vpcs?.[0]?.DhcpOptionsId;
    };
    await ec2.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId }));
    expect(await current()).toBe(DhcpOptionsId);
    expect(await refusal(ec2.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId })))).toEqual({
      code: 'DependencyViolation',
      message: `The dhcpOptions '${DhcpOptionsId}' has dependencies and cannot be deleted.`,
    });
    await ec2.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId: 'default' }));
    expect(await current()).toBe('default');
    await ec2.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId }));
    expect(await refusal(ec2.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId })))).toEqual({
      code: 'InvalidDhcpOptionID.NotFound',
      message: `The dhcpOption ID '${DhcpOptionsId}' does not exist`,
    });
    expect(await refusal(ec2.send(new AssociateDhcpOptionsCommand({ VpcId: 'vpc-0123456789abcdef0', DhcpOptionsId: 'default' })))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    });
  });

  const servers = 'the addresses of up to 4 IPv4 and 4 IPv6 servers';
  test.each([
    ['domain-name', ['a.example', 'b.example'], 'a domain name'],
    ['domain-name', ['exa mple..com'], 'a domain name'],
    ['domain-name-servers', ['10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5'], `${servers}, or AmazonProvidedDNS`],
    ['domain-name-servers', ['dns.example.com'], `${servers}, or AmazonProvidedDNS`],
    ['ntp-servers', ['AmazonProvidedDNS'], servers],
    ['netbios-name-servers', ['fd00::1'], 'the IPv4 addresses of up to 4 servers'],
    ['netbios-node-type', ['3'], '1, 2, 4 or 8'],
    ['ipv6-address-preferred-lease-time', ['139'], 'a number of seconds, 140 to 2147483647'],
  ])('refuse %s of %j', async (Key, Values, words) => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(create(ec2, { Key, Values }))).toEqual({
      code: 'InvalidParameterValue',
      message: `Value (${Values.flatMap((value) => value.split(',')).join(', ')}) for parameter value is invalid. ${Key} must be ${words}`,
    });
  });

  test('refuse unknown and repeated options, and none', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(create(ec2, { Key: 'router', Values: ['10.0.0.1'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (router) for parameter key is invalid. Unknown DHCP option',
    });
    const twice = { Key: 'domain-name', Values: ['example.com'] };
    expect(await refusal(create(ec2, twice, twice))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (domain-name) for parameter key is invalid. Duplicate DHCP option',
    });
    expect((await refusal(create(ec2))).code).toBe('MissingParameter');
  });

  test('are paged', async () => {
    const ec2 = keiro.client(EC2Client);
    for (let count = 0; count < 6; count++) await create(ec2, { Key: 'domain-name', Values: [`d${count}.example`] });
    const sizes: number[] = [];
    for await (const page of paginateDescribeDhcpOptions({ client: ec2, pageSize: 5 }, {})) sizes.push(page.DhcpOptions?.length ?? 0);
    expect(sizes).toEqual([5, 2]);
  });
});
