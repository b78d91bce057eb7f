/** Names of load balancers: all nodes, those of healthy zones, one zone's. */
import { expect, test } from 'vitest';
import type { Balancer } from '#model/balancer.ts';
import { balancerNames } from '#dataplane/dns/balancer-names.ts';
import { ip, line, question } from '#dataplane/dns/world.fixture.ts';

const dnsName = 'web-1.us-east-1.elb.amazonaws.com';
const nodes = [
  { zone: 'us-east-1a', interfaceId: 'eni-1', addresses: ['10.0.0.4', 'fd00::4'], publicAddress: '198.18.1.1' },
  { zone: 'us-east-1b', interfaceId: 'eni-2', addresses: ['10.0.1.4'], publicAddress: '198.18.1.2' },
];
const asker = { networkId: undefined, source: ip('198.18.0.10') };

function asked(text: string, healthy: readonly string[], more: Partial<Balancer> = {}): string {
  const balancer = { kind: 'balancer', id: 'lb', dnsName, isInternetFacing: true, nodes, ...more } as Balancer; // all that names are made of
  const names = balancerNames(new Map([['lb', balancer]]), (_id, zone) => healthy.includes(zone));
  return line(names.lookup(question(text), asker));
}

test.each([
  [dnsName, 'us-east-1a us-east-1b', '198.18.1.1 198.18.1.2'],
  [dnsName, 'us-east-1b', '198.18.1.2'],
  [`dualstack.${dnsName}`, 'us-east-1a', '198.18.1.1'],
  [dnsName, '', '198.18.1.1 198.18.1.2'], // all are unhealthy: all are asked
  [`us-east-1b.${dnsName}`, 'us-east-1a', '198.18.1.2'], // who names a zone gets it
  [`${dnsName} AAAA`, 'us-east-1a', 'fd00::4'],
  [`us-east-1c.${dnsName}`, 'us-east-1a', 'NXDOMAIN us-east-1.elb.amazonaws.com'],
  ['web-2.us-east-1.elb.amazonaws.com', 'us-east-1a', 'NXDOMAIN us-east-1.elb.amazonaws.com'],
])('%s with healthy %s → %s', (text, healthy, expected) => {
  expect(asked(text, healthy.split(' '))).toBe(expected);
});

test('an internal one’s names are its private addresses', () => {
  expect(asked(dnsName, ['us-east-1a', 'us-east-1b'], { isInternetFacing: false })).toBe('10.0.0.4 10.0.1.4');
});
