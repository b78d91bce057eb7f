import {
  type _InstanceType,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
  type Filter,
  paginateDescribeInstanceTypes,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function find(ec2: EC2Client, ...Filters: Filter[]): Promise<string[] | undefined> {
  const { InstanceTypes } = await ec2.send(new DescribeInstanceTypesCommand({ Filters }));
  return InstanceTypes?.map((type) => type.InstanceType ?? '');
}

describe('instance types', () => {
  // vCPUs, cores, MiB, interfaces, IPv4 and IPv6 addresses per interface, processors, hypervisor
  test.each([
    ['t2.micro', 1, 1, 1024, 2, 2, 2, ['i386', 'x86_64'], 'xen'],
    ['t3.micro', 2, 1, 1024, 2, 2, 2, ['x86_64'], 'nitro'],
    ['t3.medium', 2, 1, 4096, 3, 6, 6, ['x86_64'], 'nitro'],
    ['t4g.small', 2, 2, 2048, 3, 4, 4, ['arm64'], 'nitro'],
    ['m5.large', 2, 1, 8192, 3, 10, 10, ['x86_64'], 'nitro'],
    ['m5.4xlarge', 16, 8, 65_536, 8, 30, 30, ['x86_64'], 'nitro'],
    ['c6g.medium', 1, 1, 2048, 2, 4, 4, ['arm64'], 'nitro'],
    ['r5.xlarge', 4, 2, 32_768, 4, 15, 15, ['x86_64'], 'nitro'],
    ['m1.small', 1, 1, 1740, 2, 4, 0, ['i386', 'x86_64'], 'xen'],
  ])('%s is as AWS has it', async (name, vcpus, cores, memory, interfaces, ipv4, ipv6, architectures, hypervisor) => {
    const { InstanceTypes } = await keiro
      .client(EC2Client)
      .send(new DescribeInstanceTypesCommand({ InstanceTypes: [name as _InstanceType] })); // a name of the table above
    expect(InstanceTypes).toMatchObject([
      {
        InstanceType: name,
        Hypervisor: hypervisor,
        VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: cores },
        MemoryInfo: { SizeInMiB: memory },
        ProcessorInfo: { SupportedArchitectures: architectures },
        NetworkInfo: { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: ipv4, Ipv6AddressesPerInterface: ipv6 },
      },
    ]);
  });

  test('are filtered and paged', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await find(ec2, { Name: 'instance-type', Values: ['t3.n*', 't3.micro'] })).toEqual(['t3.nano', 't3.micro']);
    expect(await find(ec2, { Name: 'free-tier-eligible', Values: ['true'] })).toEqual(['t3.micro', 't3.small', 't4g.micro', 't4g.small']);
    expect(
      await find(
        ec2,
        { Name: 'processor-info.supported-architecture', Values: ['arm64'] },
        { Name: 'burstable-performance-supported', Values: ['true'] },
        { Name: 'memory-info.size-in-mib', Values: ['512'] },
      ),
    ).toEqual(['t4g.nano']);
    expect(
      await find(ec2, { Name: 'vcpu-info.valid-threads-per-core', Values: ['1,2'] }, { Name: 'instance-type', Values: ['?5.large'] }),
    ).toEqual(['m5.large', 'c5.large', 'r5.large']);
    expect(await find(ec2, { Name: 'network-info.ipv6-supported', Values: ['false'] })).toEqual(['m1.small']);
    let count = 0;
    const paginator = paginateDescribeInstanceTypes(
      { client: ec2, pageSize: 10 },
      { Filters: [{ Name: 'current-generation', Values: ['true'] }] },
    );
    for await (const page of paginator) {
      expect(page.InstanceTypes?.length).toBeLessThanOrEqual(10);
      count += page.InstanceTypes?.length ?? 0;
    }
    expect(count).toBe((await find(ec2, { Name: 'current-generation', Values: ['true'] }))?.length);
  });

  test('are offered in the Region and its zones', async () => {
    const ec2 = keiro.client(EC2Client);
    const offered = async (LocationType: 'region' | 'availability-zone' | 'availability-zone-id' | 'outpost') =>
      (
        await ec2.send(
          new DescribeInstanceTypeOfferingsCommand({ LocationType, Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }] }),
        )
      ).InstanceTypeOfferings?.map((offering) => offering.Location);
    expect(await offered('region')).toEqual(['eu-west-1']);
    expect(await offered('availability-zone')).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    expect(await offered('availability-zone-id')).toEqual(['euw1-az1', 'euw1-az2', 'euw1-az3']);
    expect(await offered('outpost')).toEqual([]);
    const { InstanceTypeOfferings } = await ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [
          { Name: 'location', Values: ['eu-west-1a'] },
          { Name: 'instance-type', Values: ['t4g.n*'] },
        ],
      }),
    );
    expect(InstanceTypeOfferings).toEqual([{ InstanceType: 't4g.nano', LocationType: 'availability-zone', Location: 'eu-west-1a' }]);
  });

  test('are refused by names that the catalogue lacks', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(
      await refusal(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro', 'p5.48xlarge', 'u-6tb1.metal'] }))),
    ).toEqual({
      code: 'InvalidInstanceType',
      message: 'The following supplied instance types do not exist: [p5.48xlarge, u-6tb1.metal]',
    });
    expect(await refusal(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.mikro' as _InstanceType] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "Invalid value 't3.mikro' for InstanceType.",
    });
    expect(await refusal(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro'], MaxResults: 5 })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter InstanceTypes cannot be used with the parameter MaxResults',
    });
    expect(await refusal(ec2.send(new DescribeInstanceTypesCommand({ Filters: [{ Name: 'gpu', Values: ['yes'] }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'gpu' is invalid",
    });
  });
});
