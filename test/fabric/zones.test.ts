/** Zones on real wires: private ones by network, aliases of load balancers, delegation to somebody's own server, Regions by the network that asks. */
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EC2 } from '@aws-sdk/client-ec2';
import { Route53, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { beforeAll, expect, it } from 'vitest';
import { eventually, type Shell, useSite } from './site.ts';
import { giveAddress, given, type Host, launch, makeGroup, makeNetwork, makeSubnet, type Network, reach } from './world.ts';

const site = useSite();
const domain = 'keiro-zones.com';
let account: string;
let ec2: EC2;
let route53: Route53;
let networks: Network[];
let hosts: Host[];
let subnets: string[];
let zone: string;

const online: Shell = (script) => site.keiro(['internet', 'run'], '--', 'sh', '-c', script);
const said = async (script: string): Promise<string> => (await online(script)).stdout.trim();
const within = async (at: number, script: string): Promise<string> => (await site.inside(hosts[at]!.id)(script)).stdout.trim(); // there are two

async function change(HostedZoneId: string, ...sets: readonly ResourceRecordSet[]): Promise<void> {
  const Changes = sets.map((set) => ({ Action: 'UPSERT' as const, ResourceRecordSet: set }));
  const { ChangeInfo } = await route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
  await eventually(async () => (await route53.getChange({ Id: ChangeInfo?.Id })).ChangeInfo?.Status, 'INSYNC');
}
const record = (Name: string, Type: 'A' | 'NS' | 'TXT', ...values: readonly string[]): ResourceRecordSet => ({ Name, Type, TTL: 30, ResourceRecords: values.map((Value) => ({ Value })) }); // prettier-ignore

/** Registers the domain and opens the link of its mail; gives its zone. */
async function register(): Promise<string> {
  const domains = new Route53Domains({ ...site.access(account), region: 'us-east-1' });
  const contact = { FirstName: 'A', LastName: 'B', ContactType: 'PERSON', AddressLine1: '1 Main St', City: 'Seattle', State: 'WA', CountryCode: 'US', ZipCode: '98101', PhoneNumber: '+1.2065550100', Email: 'a@example.com' } as const; // prettier-ignore
  await domains.registerDomain({
    DomainName: domain,
    DurationInYears: 1,
    AdminContact: contact,
    RegistrantContact: contact,
    TechContact: contact,
  });
  const [mail] = JSON.parse((await site.keiro(['mail'], '--json')).stdout) as { readonly id: string }[];
  await site.keiro(['mail', 'open'], given(mail?.id), '--confirm');
  return given((await route53.listHostedZonesByName({ DNSName: domain })).HostedZones?.[0]?.Id);
}

/** Answers every question for an address with one, whoever asks. */
const nameServer = `#!/usr/bin/python3
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 53))
while True:
    q, peer = s.recvfrom(4096)
    end = 12
    while q[end]:
        end += q[end] + 1
    question = q[12:end + 5]
    s.sendto(q[:2] + bytes([0x84, 0]) + struct.pack('!HHHH', 1, 1, 0, 0) + question + bytes([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 203, 0, 113, 77]), peer)
`;

beforeAll(async () => {
  account = site.freshAccount();
  ec2 = site.client({ account });
  route53 = new Route53(site.access(account));
  networks = [await makeNetwork(ec2), await makeNetwork(ec2)];
  for (const { vpc } of networks) await ec2.modifyVpcAttribute({ VpcId: vpc, EnableDnsHostnames: { Value: true } });
  const made = [];
  for (const network of networks) made.push(await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw }));
  subnets = made.map(({ id }) => id);
  const groups = await Promise.all(networks.map(async (network) => makeGroup(ec2, network, 'open')));
  hosts = await Promise.all(
    subnets.map(async (subnet, at) => launch(ec2, { subnet, groups: [groups[at]!], ...(at === 0 ? { userData: nameServer } : {}) })),
  ); // one of each
  await reach(ec2, 'running', ...hosts);
  zone = await register();
});

it('a private zone is its networks’ alone, and comes before the internet’s', async () => {
  await change(zone, record(`db.${domain}`, 'A', '198.18.9.9'));
  const created = await route53.createHostedZone({
    Name: domain,
    CallerReference: 'private',
    VPC: { VPCId: networks[0]!.vpc, VPCRegion: 'us-east-1' },
  }); // there are two
  const own = given(created.HostedZone?.Id);
  await change(own, record(`db.${domain}`, 'A', '10.0.0.77'));
  expect(await within(0, `dig +short db.${domain}`)).toBe('10.0.0.77');
  expect(await within(1, `dig +short db.${domain}`)).toBe('198.18.9.9');
  expect(await said(`dig +short db.${domain}`)).toBe('198.18.9.9');
  await change(zone, record(`only-public.${domain}`, 'A', '198.18.9.8'));
  expect(await within(0, `dig only-public.${domain}`)).toContain('status: NXDOMAIN'); // the private zone has it all
  await route53.associateVPCWithHostedZone({ HostedZoneId: own, VPC: { VPCId: networks[1]!.vpc, VPCRegion: 'us-east-1' } }); // as above
  await eventually(() => within(1, `dig +short db.${domain}`), '10.0.0.77');
  await route53.disassociateVPCFromHostedZone({ HostedZoneId: own, VPC: { VPCId: networks[0]!.vpc, VPCRegion: 'us-east-1' } }); // as above
  await eventually(() => within(0, `dig +short db.${domain}`), '198.18.9.9');
});

it('an alias of a load balancer is the addresses of its nodes', async () => {
  const elb = new ElasticLoadBalancingV2(site.access(account));
  const other = await makeSubnet(ec2, networks[0]!, '10.0.1.0/24', { gateway: networks[0]!.igw, zone: 'b' }); // there are two
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'web', Subnets: [subnets[0]!, other.id] }); // as above
  const { DNSName, CanonicalHostedZoneId } = LoadBalancers?.[0] ?? {};
  const alias = (Name: string, EvaluateTargetHealth: boolean): ResourceRecordSet => ({ Name, Type: 'A', AliasTarget: { HostedZoneId: CanonicalHostedZoneId, DNSName, EvaluateTargetHealth } }); // prettier-ignore
  await change(zone, alias(domain, false), alias(`www.${domain}`, true));
  const nodes = async () => (await said(`dig +short ${given(DNSName)} | sort`)).split('\n');
  await eventually(async () => (await nodes()).length, 2);
  for (const name of [domain, `www.${domain}`]) expect((await said(`dig +short ${name} | sort`)).split('\n')).toEqual(await nodes());
  expect(await said(`dig +noall +answer ${domain}`)).toMatch(new RegExp(String.raw`^${domain}\.\s+60\s+IN\s+A\s+198\.18\.`)); // no CNAME is seen
});

it('a name that is delegated to somebody’s own server is asked there', async () => {
  const { address } = await giveAddress(ec2, hosts[0]!.eni); // there are two
  await change(zone, record(`own.${domain}`, 'NS', `ns.own.${domain}`), record(`ns.own.${domain}`, 'A', address));
  await eventually(() => said(`dig +short @${address} x.own.${domain}`), '203.0.113.77');
  expect(await said(`dig +short a.b.own.${domain}`)).toBe('203.0.113.77');
  expect(await within(0, `dig +short c.own.${domain}`)).toBe('203.0.113.77');
  expect(await said(`dig +trace +nodnssec d.own.${domain} | tail -3`)).toContain('203.0.113.77');
});

it('what a reply cannot hold comes by TCP', async () => {
  const strings = Array.from({ length: 12 }, (_, at) => `"${String.fromCharCode(97 + at).repeat(200)}"`);
  await change(zone, record(`long.${domain}`, 'TXT', ...strings));
  const servers = (await said(`dig +short NS ${domain}`)).split('\n');
  expect(await said(`dig +ignore +norecurse @${servers[0] ?? ''} TXT long.${domain}`)).toMatch(/flags: qr aa tc/);
  expect((await said(`dig +short @${servers[0] ?? ''} TXT long.${domain}`)).split('\n')).toHaveLength(12);
});
