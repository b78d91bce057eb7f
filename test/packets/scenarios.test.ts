/**
 * Named scenarios: a change to the sample network, a flow, and what becomes of it, by the engine and by the kernel. The network:
 *
 *   internet ── igw-a ── router of vpc-a (10.0.0.0/16) ── eigw-a ── internet (IPv6, outward only)
 *                          ├─ subnet-pub 10.0.0.0/24: eni-web .10 = 203.0.113.10, eni-adm .11, nat-a on eni-nat .5 = 203.0.113.5
 *                          ├─ subnet-prv 10.0.1.0/24: eni-app .10, default routes to nat-a and eigw-a
 *                          └─ subnet-dbs 10.0.2.0/24: eni-db .10, local routes only
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trace } from '#engine/trace.ts';
import { tcpFlow } from '#model/flow.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';
import { verdict } from '#test/network/probe.ts';
import {
  accessList,
  entry,
  group,
  ip,
  networkInterface,
  openEntries,
  routeTable,
  rule,
  sample,
  withPublic,
} from '#test/network/sample-network.ts';
import { experiment } from './experiment.ts';
import { seenBy } from './expectation.ts';
import { Laboratory } from './laboratory.ts';

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await Laboratory.open();
});
afterAll(async () => laboratory.close());

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };
const ephemeral = { protocol: 6, ports: { from: 1024, to: 65_535 } };
const out = 'internet 198.51.100.7';
const addresses: Readonly<Record<string, string>> = {
  'eni-web': '10.0.0.10',
  'eni-adm': '10.0.0.11',
  'eni-app': '10.0.1.10',
  'eni-db': '10.0.2.10',
};
const db = networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10'], { groupIds: ['sg-db'] });
const forwarder = (change: object) =>
  networkInterface('eni-fwd', 'subnet-pub', ['10.0.0.20'], { ...withPublic('10.0.0.20', '203.0.113.20'), ...change });
const throughForwarder = routeTable('rtb-prv', '10.0.0.0/16 local', '0.0.0.0/0 eni-fwd');

/** Scenario, change, from, to, the engine's words, and who sees the packet. */
const scenarios = [
  ['web to app: across segments', [], 'eni-web', '10.0.1.10', 'delivered sg-open sgr-in4', 'eni-app'],
  ['web to adm: neighbours', [], 'eni-web', '10.0.0.11', 'delivered sg-open sgr-in4', 'eni-adm'],
  ['web to the internet, under its public address', [], 'eni-web', '198.51.100.7', 'delivered acl-pub 100', 'internet'],
  ['the internet to web', [], out, '203.0.113.10', 'delivered sg-open sgr-in4', 'eni-web'],
  ['app to the internet, through the NAT gateway', [], 'eni-app', '198.51.100.7', 'delivered acl-pub 100', 'eni-nat internet'],
  ['the internet to the NAT gateway', [], out, '203.0.113.5', 'natGatewayRefused nat-a', 'eni-nat'],
  ['app to the internet by IPv6, outward only', [], 'eni-app 2001:db8:a:1::10', '2001:db8:ffff::1', 'delivered acl-prv 101', 'internet'],
  ['db to web’s public address: no route', [], 'eni-db', '203.0.113.10', 'noRoute rtb-dbs', ''],
  ['missing route', [routeTable('rtb-pub', '10.0.0.0/16 local')], 'eni-web', '198.51.100.7', 'noRoute rtb-pub', ''],
  ['no public address', [], 'eni-adm', '198.51.100.7', 'noPublicAddress igw-a', ''],
  ['blackhole', ['internetGateway igw-a'], 'eni-web', '198.51.100.7', 'blackhole rtb-pub 0.0.0.0/0', ''],
  ['group out', [group('sg-open', rule('sgr-1', 'in', ALL_TRAFFIC, '0.0.0.0/0'))], 'eni-web', '10.0.1.10', 'groupDeniedOut sg-open', ''],
  ['group in', [group('sg-open', rule('sgr-1', 'out', ALL_TRAFFIC, '0.0.0.0/0'))], 'eni-web', '10.0.1.10', 'groupDeniedIn sg-open', ''],
  ['group in: a rule for the sender’s group', [db, group('sg-db', rule('sgr-1', 'in', tcp443, 'sg-open'))], 'eni-app', '10.0.2.10', 'delivered sg-db sgr-1', 'eni-db'],
  ['group in: a rule for another group', [db, group('sg-db', rule('sgr-1', 'in', tcp443, 'sg-db'))], 'eni-app', '10.0.2.10', 'groupDeniedIn sg-db', ''],
  ['list out', [accessList('acl-pub', entry(50, 'out', 'deny', tcp443, '10.0.1.0/24'), ...openEntries)], 'eni-web', '10.0.1.10', 'aclDeniedOut acl-pub 50', ''],
  ['list in', [accessList('acl-prv', entry(7, 'in', 'deny', tcp443, '10.0.0.10/32'), ...openEntries)], 'eni-web', '10.0.1.10', 'aclDeniedIn acl-prv 7', ''],
  ['lists keep out of a segment', [accessList('acl-pub')], 'eni-web', '10.0.0.11', 'delivered sg-open sgr-in4', 'eni-adm'],
  ['list on the answer', [accessList('acl-pub', entry(1, 'out', 'allow', ALL_TRAFFIC, '0.0.0.0/0'), entry(2, 'in', 'deny', ephemeral, '10.0.1.0/24'), ...openEntries)], 'eni-web', '10.0.1.10', 'returnAclDeniedIn acl-pub 2', 'eni-app'],
  ['source check', [], 'eni-web 10.0.0.99', '10.0.1.10', 'sourceDestinationCheck eni-web', ''],
  ['destination check', [throughForwarder, forwarder({ sourceDestinationCheck: true })], 'eni-app', '198.51.100.7', 'sourceDestinationCheck eni-fwd', ''],
  ['NAT instance', [throughForwarder, forwarder({ sourceDestinationCheck: false, forwards: 'masquerade' })], 'eni-app', '198.51.100.7', 'delivered acl-pub 100', 'eni-fwd internet'],
  ['an appliance that routes on has no public address for others', [throughForwarder, forwarder({ sourceDestinationCheck: false, forwards: 'plain' })], 'eni-app', '198.51.100.7', 'noPublicAddress igw-a', 'eni-fwd'],
  ['the internet by an appliance, through the gateway’s own table', [{ kind: 'internetGateway', id: 'igw-a', networkId: 'vpc-a', routeTableId: 'rtb-edge' }, routeTable('rtb-edge', '10.0.0.0/16 local', '10.0.1.0/24 eni-fwd'), routeTable('rtb-prv', '10.0.0.0/16 local', '0.0.0.0/0 eni-fwd'), networkInterface('eni-app', 'subnet-prv', ['10.0.1.10'], withPublic('10.0.1.10', '203.0.113.30')), forwarder({ sourceDestinationCheck: false, forwards: 'plain' })], out, '203.0.113.30', 'returnNoPublicAddress igw-a', 'eni-fwd eni-app'],
  ['a neighbour that is down', [networkInterface('eni-app', 'subnet-prv', ['10.0.1.10'], { up: false })], 'eni-web', '10.0.1.10', 'interfaceDown eni-app', ''],
] as const; // prettier-ignore

describe('by the engine and by the kernel', () => {
  it.each(scenarios)('%s', async (_, changes, origin, destination, words, seen) => {
    const topology = sample(...changes);
    const [place = '', source = addresses[place] ?? ''] = origin.split(' ');
    const flow = tcpFlow(ip(source), ip(destination), 443, 50_000);
    const from = place === 'internet' ? ({ kind: 'internet' } as const) : ({ kind: 'interface', id: place } as const);
    const result = trace(topology, flow, from);
    expect(verdict(result)).toBe(words);
    expect(seenBy(topology, result).join(' ')).toBe(seen);
    const { differences, probes } = await experiment(laboratory, [...topology.parts()], [{ flow, from }]);
    expect(differences.map((one) => one.words)).toEqual([]);
    expect(probes).toBe(1);
  });
});
