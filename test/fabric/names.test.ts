/** Names as instances and the internet see them, asked with real `dig` and `getent`; AWS's own names and certificates in `keiro shell`. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, expect, it } from 'vitest';
import { eventually, useSite } from './site.ts';
import { account } from './aws.ts';
import {
  describe as describeInstance,
  giveAddress,
  given,
  type Host,
  launch,
  makeGroup,
  makeNetwork,
  makeSubnet,
  type Network,
  reach,
} from './world.ts';

const site = useSite();
let ec2: EC2;
let network: Network;
let one: Host;
let two: Host;
/** Of `two`. */
let address: string;

beforeAll(async () => {
  ec2 = site.client({ account });
  network = await makeNetwork(ec2, { hasIpv6: true });
  await ec2.modifyVpcAttribute({ VpcId: network.vpc, EnableDnsHostnames: { Value: true } });
  const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  await ec2.modifySubnetAttribute({ SubnetId: subnet.id, EnableResourceNameDnsARecordOnLaunch: { Value: true } });
  await ec2.modifySubnetAttribute({ SubnetId: subnet.id, EnableResourceNameDnsAAAARecordOnLaunch: { Value: true } });
  const groups = [await makeGroup(ec2, network, 'open')];
  const options = { EnableResourceNameDnsARecord: true, EnableResourceNameDnsAAAARecord: true };
  const more = { PrivateDnsNameOptions: options };
  one = await launch(ec2, { subnet: subnet.id, groups, address: '10.0.0.10', more });
  two = await launch(ec2, { subnet: subnet.id, groups, address: '10.0.0.20', more });
  await reach(ec2, 'running', one, two);
  address = (await giveAddress(ec2, two.eni)).address;
});

const within = async (script: string): Promise<string> => (await site.inside(one.id)(script)).stdout.trim();
const onInternet = async (...program: string[]): Promise<string> => (await site.keiro(['shell'], '--', ...program)).stdout.trim();
const publicName = (): string => `ec2-${address.replaceAll('.', '-')}.compute-1.amazonaws.com`;

it('an instance finds others by address, by id, and back', async () => {
  await eventually(() => within('dig +short ip-10-0-0-20.ec2.internal'), '10.0.0.20');
  expect(await within('getent ahostsv4 ip-10-0-0-20 | head -1')).toMatch(/^10\.0\.0\.20 +STREAM ip-10-0-0-20\.ec2\.internal$/);
  expect(await within(`dig +short ${two.id}.ec2.internal`)).toBe('10.0.0.20');
  expect(await within(`dig +short AAAA ${two.id}.ec2.internal`)).toBe(two.ipv6);
  expect(await within('dig +short -x 10.0.0.20')).toBe('ip-10-0-0-20.ec2.internal.');
  expect(await within('ping -c 1 -W 2 ip-10-0-0-20 >/dev/null && echo reached')).toBe('reached');
  expect(await within('hostname -f')).toBe('ip-10-0-0-10.ec2.internal');
  expect(await within('dig ip-10-0-0-99.ec2.internal')).toContain('status: NXDOMAIN');
});

it('the resolver answers at VPC+2 and at 169.254.169.253, over UDP and TCP', async () => {
  for (const server of ['10.0.0.2', '169.254.169.253'])
    for (const transport of ['+notcp', '+tcp'])
      expect(await within(`dig +short ${transport} @${server} ip-10-0-0-20.ec2.internal`)).toBe('10.0.0.20');
  expect(await within('grep ^nameserver /etc/resolv.conf')).toBe('nameserver 10.0.0.2');
});

it('a public name is the private address inside, and the public one on the internet', async () => {
  expect((await describeInstance(ec2, two.id)).PublicDnsName).toBe(publicName());
  await eventually(() => within(`dig +short ${publicName()}`), '10.0.0.20');
  expect(await onInternet('dig', '+short', publicName())).toBe(address);
  expect(await onInternet('dig', '+short', '+tcp', '-x', address)).toBe(`${publicName()}.`);
  expect(await onInternet('dig', 'ip-10-0-0-20.ec2.internal')).toContain('status: NXDOMAIN');
});

it('AWS by its own name: certificates are verified, and no endpoint is given', async () => {
  const name = 'ec2.us-east-1.amazonaws.com';
  expect(await onInternet('dig', '+short', name)).toBe('198.19.252.1');
  expect(JSON.parse(await onInternet('aws', 'sts', 'get-caller-identity'))).toMatchObject({ Account: account });
  const curl = `curl -sS -o /dev/null -w '%{remote_ip} %{ssl_verify_result} %{scheme}' https://${name}/`;
  expect(await onInternet('sh', '-c', curl)).toMatch(/^(198\.19\.252\.1|2001:db8::4566) 0 https$/i);
  await giveAddress(ec2, one.eni);
  await eventually(() => within(curl), expect.stringMatching(/^(198\.19\.252\.1|2001:db8::4566) 0 https$/i));
});

it('the VPC’s DNS attributes: no host names, then no resolver', async () => {
  await ec2.modifyVpcAttribute({ VpcId: network.vpc, EnableDnsHostnames: { Value: false } });
  await eventually(() => onInternet('dig', '+short', publicName()), '');
  expect((await describeInstance(ec2, two.id)).PublicDnsName ?? '').toBe('');
  await ec2.modifyVpcAttribute({ VpcId: network.vpc, EnableDnsSupport: { Value: false } });
  const ask = 'dig +short +time=1 +tries=1 @10.0.0.2 ec2.us-east-1.amazonaws.com';
  await eventually(() => within(`${ask} || echo no answer`), expect.stringMatching(/no (answer|servers)/));
  await ec2.modifyVpcAttribute({ VpcId: network.vpc, EnableDnsSupport: { Value: true } });
  await ec2.modifyVpcAttribute({ VpcId: network.vpc, EnableDnsHostnames: { Value: true } });
  await eventually(() => within('dig +short +time=1 ip-10-0-0-20.ec2.internal'), '10.0.0.20');
  expect(given((await describeInstance(ec2, two.id)).PublicDnsName)).toBe(publicName());
});
