/** The live topology against one built anew, and facts of its relations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyAddress, anyEdits, anyPart } from '#test/network/arbitrary-topology.ts';
import { parseCidr } from '#model/cidr.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { NetworkInterface, Part, Topology } from '#model/topology.ts';

const ip = (text: string): Ip => parseIp(text) ?? expect.fail(`${text} is no address`);

/** Everything that a reader can see, whatever the order the parts came in. */
function view(topology: Topology, addresses: readonly Ip[]): unknown {
  const networks = ['vpc-1', 'vpc-2'];
  const inOrder = [...topology.parts()].sort((a, b) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1));
  return {
    parts: inOrder,
    at: networks.map((id) => addresses.map((address) => topology.interfaceAt(id, address)?.id)),
    public: addresses.map((address) => topology.interfaceOfPublic(address)?.id),
    ipv6: addresses.map((address) => topology.networkOfIpv6(address)?.id),
    pooled: addresses.map((address) => topology.isPooled(address)),
    gateways: networks.map((id) => topology.internetGatewayOf(id)?.id),
    segments: networks.map((id) => [...topology.segmentsOf(id)]),
    interfaces: networks.map((id) => [...topology.interfacesOf(id)]),
    within: [...topology.segments.keys()].sort().map((id) => [id, [...topology.interfacesIn(id)]]),
    members: ['sg-1', 'sg-2', 'sg-3'].map((id) => [...topology.membersOf(id)]),
    nat: topology.natGatewayOn('eni-nat')?.id,
  };
}

describe('LiveTopology', () => {
  it('after any edits equals one built anew from what is left, in any order', () => {
    fc.assert(
      fc.property(anyEdits, fc.array(anyAddress, { maxLength: 20 }), fc.boolean(), (edits, addresses, reversed) => {
        const live = new LiveTopology();
        for (const edit of edits) {
          if ('put' in edit) live.put(edit.put);
          else live.remove(edit.remove.kind, edit.remove.id);
        }
        const left = [...live.parts()];
        expect(view(live, addresses)).toEqual(view(new LiveTopology(reversed ? left.toReversed() : left), addresses));
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with a scan over the interfaces', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 40 }), anyAddress, (parts, address) => {
        const live = new LiveTopology(parts);
        for (const networkId of ['vpc-1', 'vpc-2']) {
          const holders = [...live.interfaces.values()]
            .filter((one) => one.networkId === networkId && one.addresses.includes(address))
            .map(({ id }) => id);
          const expected = holders.sort()[0] ?? live.interfaceAt(networkId, address)?.id; // else a prefix may hold it
          expect(live.interfaceAt(networkId, address)?.id).toBe(expected);
        }
        const owners = [...live.interfaces.values()]
          .filter((one) => one.publicAddresses.some(({ publicAddress }) => publicAddress === address))
          .map(({ id }) => id);
        expect(live.interfaceOfPublic(address)?.id).toBe(owners.sort()[0]);
      }),
    );
  });

  it('counts changes, and only changes', () => {
    const part: Part = { kind: 'internetGateway', id: 'igw-1' };
    const live = new LiveTopology([part]);
    const { version } = live;
    live.put(part);
    expect(live.remove('internetGateway', 'igw-2')).toBe(false);
    expect(live.version).toBe(version);
    live.put({ ...part });
    expect(live.version).toBe(version + 1);
    expect(live.remove('internetGateway', 'igw-1')).toBe(true);
    expect(live.version).toBe(version + 2);
    expect([...live.parts()]).toEqual([]);
  });

  it('moves a public address with its association', () => {
    const make = (id: string, address: string, publicAddresses: NetworkInterface['publicAddresses']): NetworkInterface => ({
      kind: 'interface',
      id,
      networkId: 'vpc-1',
      segmentId: 's',
      addresses: [ip(address)],
      prefixes: [parseCidr('10.9.0.0/28')!],
      publicAddresses,
      groupIds: [],
      sourceDestinationCheck: true,
      up: true,
    }); // a valid literal
    const association = (address: string) => [{ privateAddress: ip(address), publicAddress: ip('203.0.113.1') }];
    const live = new LiveTopology([make('eni-1', '10.0.0.1', association('10.0.0.1')), make('eni-2', '10.0.0.2', [])]);
    expect(live.interfaceOfPublic(ip('203.0.113.1'))?.id).toBe('eni-1');
    live.put(make('eni-1', '10.0.0.1', []));
    live.put(make('eni-2', '10.0.0.2', association('10.0.0.2')));
    expect(live.interfaceOfPublic(ip('203.0.113.1'))?.id).toBe('eni-2');
    expect(live.interfaceAt('vpc-1', ip('10.9.0.3'))?.id).toBe('eni-1');
    live.remove('interface', 'eni-1');
    expect(live.interfaceAt('vpc-1', ip('10.9.0.3'))?.id).toBe('eni-2');
    expect(live.interfaceAt('vpc-1', ip('10.0.0.1'))).toBeUndefined();
  });
});
