/** Walkthrough 2 with real programs: a private instance gets out by a NAT gateway on a chosen Elastic IP, and nobody gets in. */
import { expect, it } from 'vitest';
import { textAt } from '#test/cli/aws-command.ts';
import { keiro } from '#test/cli/keiro-process.ts';
import { awsOf, account } from './aws.ts';
import { eventually, fetchFrom, pings, SILENCE, type Site, useSite } from './site.ts';
import { given, launch, linux, makeGroup, makeNetwork, makeSubnet, reach, who, whoFile } from './world.ts';

/** A private instance at 10.0.1.10 that runs, and a NAT gateway; only the route from one to the other is missing. */
interface Built {
  readonly instance: string;
  readonly privateTable: string;
  /** The NAT gateway's. */
  readonly address: string;
  route(): Promise<unknown>;
}

/** What a person does by hand, by the command; the ground that he stands on by the SDK, as walkthrough-aws-cli.test.ts has it. */
async function buildByCommand(site: Site): Promise<Built> {
  const aws = awsOf(site);
  const [{ front, back, group }, allocation] = await Promise.all([groundOf(site), aws('allocate-address --domain vpc')]);
  const [gateway, launched] = await Promise.all([
    aws(`create-nat-gateway --subnet-id ${front.id} --allocation-id ${textAt(allocation, 'AllocationId')}`),
    aws(
      `run-instances --image-id ${linux} --instance-type t3.micro --subnet-id ${back.id} --private-ip-address 10.0.1.10`,
      ...['--security-group-ids', group, '--user-data', `file://${whoFile}`],
    ),
  ]);
  const [nat, instance] = [textAt(gateway, 'NatGateway.NatGatewayId'), textAt(launched, 'Instances.0.InstanceId')];
  await Promise.all([aws(`wait nat-gateway-available --nat-gateway-ids ${nat}`), aws(`wait instance-running --instance-ids ${instance}`)]);
  const route = () => aws(`create-route --route-table-id ${back.table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id ${nat}`);
  return { instance, privateTable: back.table, address: textAt(allocation, 'PublicIp'), route };
}

async function buildBySdk(site: Site): Promise<Built> {
  const ec2 = site.client({ account });
  const { front, back, group } = await groundOf(site);
  const { AllocationId, PublicIp } = await ec2.allocateAddress({});
  const { NatGateway } = await ec2.createNatGateway({ SubnetId: front.id, AllocationId });
  const app = await launch(ec2, { subnet: back.id, groups: [group], address: '10.0.1.10', userData: who });
  await reach(ec2, 'running', app);
  const { NatGatewayId } = NatGateway ?? {};
  const state = async () => (await ec2.describeNatGateways({ NatGatewayIds: [given(NatGatewayId)] })).NatGateways?.[0]?.State;
  await eventually(state, 'available');
  const route = () => ec2.createRoute({ RouteTableId: back.table, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId });
  return { instance: app.id, privateTable: back.table, address: given(PublicIp), route };
}

async function groundOf(site: Site) {
  const ec2 = site.client({ account });
  const network = await makeNetwork(ec2);
  const front = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  return { front, back: await makeSubnet(ec2, network, '10.0.1.0/24'), group: await makeGroup(ec2, network, 'open') };
}

async function walk(site: Site, { instance, privateTable, address, route }: Built): Promise<void> {
  const internet = (await keiro(['internet', 'address'])).stdout.trim();
  const server = await site.holdOutside('python3', whoFile, '8080');
  expect(await server.line()).toBe('ready');
  const { outside } = site;
  const inside = site.inside(instance);
  const url = `http://${internet}:8080`;
  const { outcome, decidedBy } = await site.trace(instance, 'internet', '--port', '8080');
  expect(`${outcome} ${decidedBy.component}`).toBe(`noRoute ${privateTable}`);
  expect(await fetchFrom(inside, url)).toMatch(/^curl (7|28)$/);

  await route();
  await eventually(() => fetchFrom(inside, url), expect.stringMatching(new RegExp(` sees ${address.replaceAll('.', '\\.')}$`)));
  expect(await pings(inside, internet)).toBe(true);
  expect((await site.trace(instance, 'internet', '--port', '8080')).outcome).toBe('delivered');

  expect((await site.trace('internet', address, '--port', '80')).outcome).toBe('natGatewayRefused');
  expect((await site.trace('internet', instance, '--port', '80')).outcome).toBe('unroutableDestination');
  expect([await fetchFrom(outside, `http://${address}`), await pings(outside, address)]).toEqual([SILENCE, false]);
  expect(await fetchFrom(outside, 'http://10.0.1.10')).toMatch(/^curl (7|28)$/);
  await eventually(() => fetchFrom(inside, 'http://127.0.0.1'), 'ip-10-0-1-10 sees 127.0.0.1'); // it is there, for whoever may ask
  expect(await server.end()).toBe(143);
}

const roots = useSite('root');
const users = useSite('ordinary-user');

it.concurrent('as root, by the aws command', async () => walk(roots, await buildByCommand(roots)));
it.concurrent('as an ordinary user, by the SDK', async () => walk(users, await buildBySdk(users)));
