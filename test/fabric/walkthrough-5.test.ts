/** Walkthrough 5 with real programs: two Regions behind one name. The nearer answers; when it dies its health check sees it and the name fails over, with control or without. */
import { Route53 } from '@aws-sdk/client-route-53';
import { beforeAll, expect, it } from 'vitest';
import { checkerBlocks } from '#model/health-check.ts';
import { nameServerCalled } from '#model/name-servers.ts';
import { eventually, type Shell, useSite } from './site.ts';
import { giveAddress, given, launch, makeGroup, makeNetwork, reach, tcp, who } from './world.ts';

const site = useSite('root', ['--dns', '0']);
const domain = 'two-regions.example';
const regions = ['us-east-1', 'ap-northeast-1'] as const;
type Region = (typeof regions)[number];

let route53: Route53;
let zone: string;
/** The address of one of its servers. */
let server: string;
const addresses = new Map<Region, string>();
const instances = new Map<Region, string>();
const checks = new Map<Region, string>();

/** On the internet, with its names. */
const online: Shell = (script) => site.keiro(['internet', 'run'], '--', 'sh', '-c', script);
const said = async (script: string): Promise<string> => (await online(script)).stdout.trim();
const of = <T>(map: ReadonlyMap<Region, T>, region: Region): T => map.get(region)!; // all have both

async function change(...sets: readonly object[]): Promise<void> {
  const Changes = sets.map((set) => ({ Action: 'UPSERT' as const, ResourceRecordSet: set as never }));
  const { ChangeInfo } = await route53.changeResourceRecordSets({ HostedZoneId: zone, ChangeBatch: { Changes } });
  await eventually(async () => (await route53.getChange({ Id: ChangeInfo?.Id })).ChangeInfo?.Status, 'INSYNC');
}

beforeAll(async () => {
  const account = site.freshAccount();
  route53 = new Route53(site.access(account));
  await Promise.all(
    regions.map(async (region) => {
      const ec2 = site.client({ account, region });
      const network = await makeNetwork(ec2);
      const { Subnet } = await ec2.createSubnet({ VpcId: network.vpc, CidrBlock: '10.0.0.0/24' });
      const { RouteTables } = await ec2.describeRouteTables({ Filters: [{ Name: 'vpc-id', Values: [network.vpc] }] });
      await ec2.createRoute({ RouteTableId: RouteTables?.[0]?.RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: network.igw });
      const group = await makeGroup(ec2, network, 'web', [tcp(80, '198.18.0.10/32'), tcp(80, checkerBlocks[0])]);
      const host = await launch(ec2, { subnet: given(Subnet?.SubnetId), groups: [group], userData: who });
      await reach(ec2, 'running', host);
      instances.set(region, host.id);
      addresses.set(region, (await giveAddress(ec2, host.eni)).address);
    }),
  );
  const { HostedZone, DelegationSet } = await route53.createHostedZone({ Name: domain, CallerReference: domain });
  zone = given(HostedZone?.Id);
  server = given(nameServerCalled(given(DelegationSet?.NameServers?.[0]))?.ipv4);
  for (const region of regions) {
    const { HealthCheck } = await route53.createHealthCheck({
      CallerReference: region,
      HealthCheckConfig: {
        Type: 'HTTP',
        IPAddress: of(addresses, region),
        Port: 80,
        ResourcePath: '/',
        RequestInterval: 10,
        FailureThreshold: 1,
      },
    });
    checks.set(region, given(HealthCheck?.Id));
  }
  const sets = regions.map((Region) => ({
    ...{ Name: `www.${domain}`, Type: 'A', TTL: 60, SetIdentifier: Region, Region },
    ...{ HealthCheckId: of(checks, Region), ResourceRecords: [{ Value: of(addresses, Region) }] },
  }));
  const failover = (['PRIMARY', 'SECONDARY'] as const).map((Failover, at) => ({
    ...{ Name: `pair.${domain}`, Type: 'A', TTL: 60, SetIdentifier: Failover, Failover },
    ...{ HealthCheckId: of(checks, regions[at]!), ResourceRecords: [{ Value: of(addresses, regions[at]!) }] }, // there are two
  }));
  await change(...sets, ...failover);
});

/** Asked of one of the zone's servers, by somebody in that place. */
const from = async (place: string, name: string): Promise<string> => {
  const { stdout } = await site.keiro(['dig'], name, '--from', place, '--short');
  return stdout.trim();
};

it('the nearer Region answers, and is there', async () => {
  expect(await from('JP', `www.${domain}`)).toBe(of(addresses, 'ap-northeast-1'));
  expect(await from('ap-southeast-1', `www.${domain}`)).toBe(of(addresses, 'ap-northeast-1'));
  expect(await from('us-west-2', `www.${domain}`)).toBe(of(addresses, 'us-east-1'));
  expect(await from('BR', `www.${domain}`)).toBe(of(addresses, 'us-east-1'));
  for (const region of regions) expect(await said(`curl -sS -m 5 http://${of(addresses, region)}`)).toContain('sees 198.18.0.10');
});

it('health checks see the instances, from many places', async () => {
  for (const region of regions)
    await eventually(async () => {
      const { HealthCheckObservations = [] } = await route53.getHealthCheckStatus({ HealthCheckId: of(checks, region) });
      return HealthCheckObservations.filter(({ StatusReport }) => StatusReport?.Status?.startsWith('Success: HTTP Status Code 200')).length;
    }, 16);
});

it('the primary dies: the name fails over, and comes back; also while control is dead', async () => {
  expect(await from('us-east-1', `pair.${domain}`)).toBe(of(addresses, 'us-east-1'));
  await site.inside(of(instances, 'us-east-1'))('pkill -STOP -f [p]ython3');
  const pair = () => from('us-east-1', `pair.${domain}`);
  await eventually(pair, of(addresses, 'ap-northeast-1'));
  expect(await from('us-west-2', `www.${domain}`)).toBe(of(addresses, 'ap-northeast-1'));

  await site.server().kill('SIGKILL');
  const inside = async (): Promise<string> => (await site.outside(`dig +short @${server} pair.${domain}`)).stdout.trim();
  expect(await inside()).toBe(of(addresses, 'ap-northeast-1'));
  await site.inside(of(instances, 'us-east-1'))('pkill -CONT -f [p]ython3');
  await eventually(inside, of(addresses, 'us-east-1'));
  expect((await site.outside(`dig +short @${server} www.${domain}`)).stdout.trim()).not.toBe('');
  await site.restart();
  await eventually(pair, of(addresses, 'us-east-1'));
});
