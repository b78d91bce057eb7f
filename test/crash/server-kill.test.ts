/** A server that is killed at any moment under load has everything that it answered for when it is started again. */
import {
  AllocateAddressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  EC2ServiceException,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type KeiroProcess, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';

const rounds = 10;
const connections = 4;
const longestLifeMs = 600;
const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** Ids that the server answered with, and those whose deletion it answered for. */
interface Acknowledged {
  readonly there: Set<string>;
  readonly gone: Set<string>;
  /** Of a deletion that was under way: either may be. */
  readonly unknown: Set<string>;
}

const clientOf = ({ endpoint }: KeiroProcess): EC2Client =>
  new EC2Client({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: '100000000009', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });

/** Makes things, one after the other, until the server is gone. Every id is noted as soon as its answer is there. */
async function createUntilGone(server: KeiroProcess, { there, gone, unknown }: Acknowledged): Promise<void> {
  const ec2 = clientOf(server);
  const noted = (id: string | undefined): string => {
    if (id === undefined) throw new Error('an answer without an id');
    there.add(id);
    return id;
  };
  try {
    for (;;) {
      const VpcId = noted((await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId);
      const SubnetId = noted((await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }))).Subnet?.SubnetId);
      noted((await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'g', Description: 'd' }))).GroupId);
      noted((await ec2.send(new AllocateAddressCommand({}))).AllocationId);
      const launch = { ImageId: linux, InstanceType: 't3.nano', MinCount: 1, MaxCount: 1, SubnetId } as const;
      noted((await ec2.send(new RunInstancesCommand(launch))).Instances?.[0]?.InstanceId);
      const shortLived = noted((await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }))).Subnet?.SubnetId);
      there.delete(shortLived);
      unknown.add(shortLived);
      await ec2.send(new DeleteSubnetCommand({ SubnetId: shortLived }));
      unknown.delete(shortLived);
      gone.add(shortLived);
    }
  } catch (error) {
    // The end of the connection is the end of the server; any answer is a failure of the test.
    if (error instanceof EC2ServiceException && error.$metadata.httpStatusCode !== undefined) throw error;
  } finally {
    ec2.destroy();
  }
}

async function everyId(ec2: EC2Client): Promise<Set<string | undefined>> {
  const [vpcs, subnets, groups, addresses, instances] = await Promise.all([
    ec2.send(new DescribeVpcsCommand({})),
    ec2.send(new DescribeSubnetsCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeAddressesCommand({})),
    ec2.send(new DescribeInstancesCommand({})),
  ]);
  return new Set([
    ...(vpcs.Vpcs ?? []).map(({ VpcId }) => VpcId),
    ...(subnets.Subnets ?? []).map(({ SubnetId }) => SubnetId),
    ...(groups.SecurityGroups ?? []).map(({ GroupId }) => GroupId),
    ...(addresses.Addresses ?? []).map(({ AllocationId }) => AllocationId),
    ...(instances.Reservations ?? []).flatMap(({ Instances }) => (Instances ?? []).map(({ InstanceId }) => InstanceId)),
  ]);
}

/** VPCs that were made by half: each has one main table, one default group, one default ACL. */
async function halfMade(ec2: EC2Client): Promise<string[]> {
  const [vpcs, tables, groups, acls] = await Promise.all([
    ec2.send(new DescribeVpcsCommand({})),
    ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.main', Values: ['true'] }] })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['default'] }] })),
    ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'default', Values: ['true'] }] })),
  ]);
  const companions = [tables.RouteTables, groups.SecurityGroups, acls.NetworkAcls].map((all) =>
    (all ?? []).map(({ VpcId = '' }) => VpcId).sort(),
  );
  const ids = (vpcs.Vpcs ?? []).map(({ VpcId }) => VpcId ?? '').sort();
  return companions.every((of) => of.join() === ids.join()) ? [] : ids;
}

test(`everything that was answered is there after ${rounds} kills`, async () => {
  const data = temporaryDirectory();
  const acknowledged: Acknowledged = { there: new Set(), gone: new Set(), unknown: new Set() };
  let before = 0;
  for (let round = 0; round < rounds; round++) {
    const server = await startKeiro({ data, args: ['--quotas', 'off'] });
    const lifeMs = Math.random() * longestLifeMs;
    const load = Array.from({ length: connections }, () => createUntilGone(server, acknowledged));
    await vi.waitFor(() => expect(acknowledged.there.size).toBeGreaterThan(before), { timeout: 20_000, interval: 5 });
    await pause(lifeMs); // the moment of the crash, not a wait for anything
    expect((await server.kill('SIGKILL')).signal).toBe('SIGKILL');
    await Promise.all(load);
    const about = `round ${round}, killed after ${lifeMs} ms`;
    expect({ about, isProgress: acknowledged.there.size > before }).toEqual({ about, isProgress: true });
    before = acknowledged.there.size;

    const again = await startKeiro({ data, args: ['--quotas', 'off'] });
    const ec2 = clientOf(again);
    const found = await everyId(ec2);
    const lost = [...acknowledged.there].filter((id) => !found.has(id));
    const risen = [...acknowledged.gone].filter((id) => found.has(id));
    expect({ about, lost, risen, halfMade: await halfMade(ec2) }).toEqual({ about, lost: [], risen: [], halfMade: [] });
    ec2.destroy();
    await again.kill('SIGKILL');
  }
  expect(acknowledged.there.size).toBeGreaterThan(rounds * 20);
  expect(acknowledged.gone.size).toBeGreaterThan(rounds);
});
