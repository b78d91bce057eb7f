/** Walkthroughs 1 and 2 with the real `aws` command: a public VPC with an instance on an Elastic IP; public and private subnets with a NAT gateway. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { awsIn, textAt } from '#test/cli/aws-command.ts';
import { keiro, type KeiroProcess, run, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';

const region = 'eu-west-1';
const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

let server: KeiroProcess;
const first = '100000000001';
const second = '100000000002';
beforeAll(async () => {
  server = await startKeiro();
});

const named = (type: string, name: string): string[] => ['--tag-specifications', `ResourceType=${type},Tags=[{Key=Name,Value=${name}}]`];

async function outcome(account: string, from: string, to: string, port: string): Promise<string> {
  const { stdout } = await keiro([
    'trace',
    from,
    to,
    '--port',
    port,
    '--json',
    '--data',
    server.data,
    '--account',
    account,
    '--region',
    region,
  ]);
  return textAt(JSON.parse(stdout), 'outcome');
}

it.concurrent('1: a VPC with a public subnet, and an instance with an Elastic IP', async () => {
  const account = first;
  const aws = awsIn(server, account, region);
  const vpc = textAt(
    await aws('create-vpc --cidr-block 10.0.0.0/24 --instance-tenancy default', ...named('vpc', 'walkthrough')),
    'Vpc.VpcId',
  );
  await aws(`wait vpc-available --vpc-ids ${vpc}`);
  const subnet = textAt(
    await aws(`create-subnet --vpc-id ${vpc} --availability-zone ${region}a --cidr-block 10.0.0.0/28`, ...named('subnet', 'public')),
    'Subnet.SubnetId',
  );
  await aws(`wait subnet-available --subnet-ids ${subnet}`);
  const igw = textAt(await aws('create-internet-gateway', ...named('internet-gateway', 'out')), 'InternetGateway.InternetGatewayId');
  await aws(`attach-internet-gateway --internet-gateway-id ${igw} --vpc-id ${vpc}`);
  const tables = await aws(`describe-route-tables --filters Name=vpc-id,Values=${vpc} Name=association.main,Values=true`);
  const table = textAt(tables, 'RouteTables.0.RouteTableId');
  await aws(`create-route --route-table-id ${table} --destination-cidr-block 0.0.0.0/0 --gateway-id ${igw}`);

  const keyFile = join(temporaryDirectory(), 'key.pem');
  const key = textAt(await aws('create-key-pair --key-name walkthrough --key-type ed25519'), 'KeyMaterial');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const fingerprint = await run('ssh-keygen', ['-y', '-f', keyFile]);
  expect([fingerprint.code, statSync(keyFile).size > 0, fingerprint.stdout.split(' ')[0]]).toEqual([0, true, 'ssh-ed25519']);

  const group = textAt(await aws(`create-security-group --group-name ssh --description ssh --vpc-id ${vpc}`), 'GroupId');
  await aws(`authorize-security-group-ingress --group-id ${group} --protocol tcp --port 22 --cidr 0.0.0.0/0`);
  const launched = await aws(
    `run-instances --image-id ${linux} --instance-type t3.micro --key-name walkthrough --subnet-id ${subnet} --security-group-ids ${group}`,
    ...named('instance', 'web'),
  );
  const instance = textAt(launched, 'Instances.0.InstanceId');
  await aws(`wait instance-running --instance-ids ${instance}`);
  expect(await outcome(account, 'internet', 'web', '22')).toBe('unroutableDestination');
  const allocation = await aws('allocate-address --domain vpc');
  const address = textAt(allocation, 'PublicIp');
  await aws(`associate-address --allocation-id ${textAt(allocation, 'AllocationId')} --instance-id ${instance}`);

  const described = await aws('describe-instances --filters Name=tag:Name,Values=web Name=instance-state-name,Values=running');
  const shown = 'Reservations.0.Instances.0.';
  expect([
    textAt(described, `${shown}InstanceId`),
    textAt(described, `${shown}PublicIpAddress`),
    textAt(described, `${shown}KeyName`),
  ]).toEqual([instance, address, 'walkthrough']);
  expect(await outcome(account, 'internet', address, '22')).toBe('delivered');
  expect(await outcome(account, 'internet', address, '80')).toBe('groupDeniedIn');
  expect(await outcome(account, 'web', 'internet', '443')).toBe('delivered');
});

it.concurrent('2: public and private subnets, a NAT gateway on a chosen Elastic IP', async () => {
  const account = second;
  const aws = awsIn(server, account, region);
  const allocation = await aws('allocate-address --domain vpc', ...named('elastic-ip', 'nat'));
  const vpc = textAt(await aws('create-vpc --cidr-block 10.0.0.0/16', ...named('vpc', 'wizard')), 'Vpc.VpcId');
  await aws(`modify-vpc-attribute --vpc-id ${vpc} --enable-dns-hostnames`);
  const [publicSubnet, privateSubnet] = await Promise.all(
    ['a 10.0.0.0/24', 'b 10.0.1.0/24'].map(async (one) => {
      const [zone, block] = one.split(' ');
      return textAt(
        await aws(`create-subnet --vpc-id ${vpc} --availability-zone ${region}${zone} --cidr-block ${block}`),
        'Subnet.SubnetId',
      );
    }),
  );
  const igw = textAt(await aws('create-internet-gateway'), 'InternetGateway.InternetGatewayId');
  await aws(`attach-internet-gateway --internet-gateway-id ${igw} --vpc-id ${vpc}`);
  const gateway = await aws(`create-nat-gateway --subnet-id ${publicSubnet} --allocation-id ${textAt(allocation, 'AllocationId')}`);
  const nat = textAt(gateway, 'NatGateway.NatGatewayId');
  await aws(`wait nat-gateway-available --nat-gateway-ids ${nat}`);

  const tableFor = async (subnet: string | undefined, target: string): Promise<void> => {
    const table = textAt(await aws(`create-route-table --vpc-id ${vpc}`), 'RouteTable.RouteTableId');
    await aws(`create-route --route-table-id ${table} --destination-cidr-block 0.0.0.0/0 ${target}`);
    await aws(`associate-route-table --route-table-id ${table} --subnet-id ${subnet}`);
  };
  await Promise.all([tableFor(publicSubnet, `--gateway-id ${igw}`), tableFor(privateSubnet, `--nat-gateway-id ${nat}`)]);

  const launched = await aws(
    `run-instances --image-id ${linux} --instance-type t3.micro --subnet-id ${privateSubnet}`,
    ...named('instance', 'app'),
  );
  await aws(`wait instance-running --instance-ids ${textAt(launched, 'Instances.0.InstanceId')}`);
  const described = await aws(`describe-nat-gateways --filter Name=vpc-id,Values=${vpc}`);
  expect(textAt(described, 'NatGateways.0.NatGatewayAddresses.0.PublicIp')).toBe(textAt(allocation, 'PublicIp'));
  expect(textAt(described, 'NatGateways.0.State')).toBe('available');

  expect(await outcome(account, 'app', 'internet', '443')).toBe('delivered');
  expect(await outcome(account, 'internet', 'app', '443')).toBe('unroutableDestination');
  expect(await outcome(account, 'internet', textAt(allocation, 'PublicIp'), '443')).toBe('natGatewayRefused');
});

it('both are there after kill -9 and another start', async () => {
  const before = await awsIn(server, second, region)('describe-nat-gateways');
  await server.kill('SIGKILL');
  server = await startKeiro({ data: server.data });
  expect(await awsIn(server, second, region)('describe-nat-gateways')).toEqual(before);
  expect(await outcome(first, 'internet', 'web', '22')).toBe('delivered');
  expect(await outcome(second, 'app', 'internet', '443')).toBe('delivered');
});
