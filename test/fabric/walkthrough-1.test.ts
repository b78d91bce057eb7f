/** Walkthrough 1 with real programs: a public subnet and an instance on an Elastic IP. Each missing piece fails for real, and `keiro trace` says the same. */
import { chownSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textAt } from '#test/cli/aws-command.ts';
import { type Ended, nodeBinary, root } from '#test/cli/keiro-process.ts';
import { account, awsOf } from './aws.ts';
import { eventually, fetchFrom, NOBODY, pings, type Shell, SILENCE, type Site, useSite } from './site.ts';
import { given, launch, linux, makeGroup, makeNetwork, makeSubnet, reach, tcp, who, whoFile } from './world.ts';

const ICMP = 'IpProtocol=icmp,FromPort=-1,ToPort=-1,IpRanges=[{CidrIp=0.0.0.0/0}]';
const tcpFromAll = (port: number): string => `IpProtocol=tcp,FromPort=${port},ToPort=${port},IpRanges=[{CidrIp=0.0.0.0/0}]`;

/** An instance at 10.0.0.4 that runs and answers on port 80, and the steps that are missing. */
interface Built {
  readonly instance: string;
  readonly group: string;
  readonly table: string;
  readonly address: string;
  readonly privateKey: string;
  associate(): Promise<unknown>;
  /** Ports 22 and 80, and ping. */
  allow(): Promise<unknown>;
  route(): Promise<unknown>;
  /** Port 80. */
  revoke(): Promise<unknown>;
}

async function buildByCommand(site: Site): Promise<Built> {
  const aws = awsOf(site);
  const [vpc, igw, allocation, privateKey] = await Promise.all([
    aws('create-vpc --cidr-block 10.0.0.0/16').then((answer) => textAt(answer, 'Vpc.VpcId')),
    aws('create-internet-gateway').then((answer) => textAt(answer, 'InternetGateway.InternetGatewayId')),
    aws('allocate-address --domain vpc'),
    aws('create-key-pair --key-name k --key-type ed25519').then((answer) => textAt(answer, 'KeyMaterial')),
  ]);
  const [subnet, group, tables] = await Promise.all([
    aws(`create-subnet --vpc-id ${vpc} --cidr-block 10.0.0.0/28`).then((answer) => textAt(answer, 'Subnet.SubnetId')),
    aws(`create-security-group --group-name web --description web --vpc-id ${vpc}`).then((answer) => textAt(answer, 'GroupId')),
    aws(`describe-route-tables --filters Name=vpc-id,Values=${vpc}`),
    aws(`attach-internet-gateway --internet-gateway-id ${igw} --vpc-id ${vpc}`),
  ]);
  const table = textAt(tables, 'RouteTables.0.RouteTableId');
  const launched = await aws(
    `run-instances --image-id ${linux} --instance-type t3.micro --key-name k --subnet-id ${subnet} --security-group-ids ${group} --private-ip-address 10.0.0.4`,
    ...['--user-data', `file://${whoFile}`],
  );
  const instance = textAt(launched, 'Instances.0.InstanceId');
  await aws(`wait instance-running --instance-ids ${instance}`);
  return {
    ...{ instance, group, table, privateKey, address: textAt(allocation, 'PublicIp') },
    associate: () => aws(`associate-address --allocation-id ${textAt(allocation, 'AllocationId')} --instance-id ${instance}`),
    allow: () => aws(`authorize-security-group-ingress --group-id ${group} --ip-permissions`, ICMP, tcpFromAll(22), tcpFromAll(80)),
    route: () => aws(`create-route --route-table-id ${table} --destination-cidr-block 0.0.0.0/0 --gateway-id ${igw}`),
    revoke: () => aws(`revoke-security-group-ingress --group-id ${group} --ip-permissions`, tcpFromAll(80)),
  };
}

async function buildBySdk(site: Site): Promise<Built> {
  const ec2 = site.client({ account });
  const network = await makeNetwork(ec2);
  const subnet = await makeSubnet(ec2, network, '10.0.0.0/28');
  const GroupId = await makeGroup(ec2, network, 'web', []);
  const { KeyMaterial } = await ec2.createKeyPair({ KeyName: 'k', KeyType: 'ed25519' });
  const more = { KeyName: 'k' };
  const host = await launch(ec2, { subnet: subnet.id, groups: [GroupId], address: '10.0.0.4', userData: who, more });
  await reach(ec2, 'running', host);
  const { AllocationId, PublicIp } = await ec2.allocateAddress({});
  const ping = { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  return {
    ...{ instance: host.id, group: GroupId, table: subnet.table, privateKey: given(KeyMaterial), address: given(PublicIp) },
    associate: () => ec2.associateAddress({ AllocationId, InstanceId: host.id }),
    allow: () => ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [ping, tcp(22), tcp(80)] }),
    route: () => ec2.createRoute({ RouteTableId: subnet.table, DestinationCidrBlock: '0.0.0.0/0', GatewayId: network.igw }),
    revoke: () => ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(80)] }),
  };
}

/** @param seen the address that the instance sees of whoever is outside */
async function walk(site: Site, outside: Shell, seen: string, proxy: readonly string[], built: Built): Promise<void> {
  const { instance, group, table, address } = built;
  const keyFile = `${site.server().data}/key.pem`;
  writeFileSync(keyFile, built.privateKey, { mode: 0o600 });
  if (site.owner === 'ordinary-user') chownSync(keyFile, NOBODY, NOBODY);
  const inside = site.inside(instance);
  const verdict = async (from: string, to: string, ...more: readonly string[]): Promise<string> => {
    const { outcome, decidedBy } = await site.trace(from, to, ...more);
    return `${outcome} ${decidedBy.component}`;
  };
  await eventually(() => fetchFrom(inside, 'http://127.0.0.1'), 'ip-10-0-0-4 sees 127.0.0.1');

  // No public address: nobody on the internet knows the way, and the instance has no way out.
  expect(await verdict('internet', instance, '--port', '80')).toBe('unroutableDestination internet');
  expect(await verdict(instance, 'internet', '--protocol', 'icmp')).toBe(`noRoute ${table}`);
  expect(await pings(outside, address)).toBe(false);
  expect(await pings(inside, '198.18.0.10')).toBe(false);

  // An address, but no rule in the group and no route.
  await built.associate();
  expect(await verdict('internet', instance, '--port', '80')).toBe(`groupDeniedIn ${group}`);
  expect(await fetchFrom(outside, `http://${address}`)).toBe(SILENCE);

  // A rule, but no route back.
  await built.allow();
  expect(await verdict('internet', instance, '--port', '80')).toBe(`returnNoRoute ${table}`);
  expect([await fetchFrom(outside, `http://${address}`), await pings(outside, address)]).toEqual([SILENCE, false]);

  await built.route();
  expect(await verdict('internet', instance, '--port', '22')).toMatch(/^delivered /);
  expect(await verdict('internet', address, '--protocol', 'icmp')).toMatch(/^delivered /);
  await eventually(() => fetchFrom(outside, `http://${address}`), `ip-10-0-0-4 sees ${seen}`);
  expect([await pings(outside, address), await pings(inside, '198.18.0.10')]).toEqual([true, true]);

  const strict = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  const ssh = (...words: readonly string[]): Promise<Ended> =>
    site.host('ssh', ...strict, ...proxy, '-o', 'BatchMode=yes', '-i', keyFile, `ec2-user@${address}`, ...words);
  await eventually(() => ssh('whoami; hostname; basename $HOME; exit 3'), {
    ...{ code: 3, signal: null, stderr: '' },
    stdout: 'ec2-user\nip-10-0-0-4.ec2.internal\nec2-user\n',
  });

  // The rule goes: nothing new gets in.
  await built.revoke();
  expect(await verdict('internet', instance, '--port', '80')).toBe(`groupDeniedIn ${group}`);
  await eventually(() => fetchFrom(outside, `http://${address}`), SILENCE);
  expect((await ssh('true')).code).toBe(0);
}

const roots = useSite('root-alone');
const users = useSite('ordinary-user');

it.concurrent('as root, by the aws command: the host itself has a route to public addresses', async () => {
  await walk(roots, (script) => roots.host('sh', '-c', script), '198.18.0.2', [], await buildByCommand(roots));
});

it.concurrent('as an ordinary user, by the SDK: in by keiro internet run and keiro connect', async () => {
  const proxy = ['-o', `ProxyCommand=${nodeBinary} ${root}/src/cli/main.ts connect --data ${users.server().data} %h %p`];
  await walk(users, users.outside, '198.18.0.10', proxy, await buildBySdk(users));
});
