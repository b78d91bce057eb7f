/** Keiro's name server by itself, for the benchmark: makes its zones, opens a port, and says how long that took. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { HostedZone, RecordSet, ZoneName } from '#model/hosted-zone.ts';
import { regionPlaces } from '#model/places.ts';
import { openAuthorityServer, Zones } from '#dataplane/dns/authority/public.ts';
import { addressOf, hostName, nameServers, zoneNameOf } from './names-world.ts';

const [port = '0', zoneCount = '1', namesPerZone = '10000', policy = 'simple'] = process.argv.slice(2);

const REGIONS = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'sa-east-1'];
/** Clients are in four places, by their address. */
const PLACES = REGIONS.map((region) => regionPlaces.get(region));

function setsOf(index: number): RecordSet[] {
  const set = (more: Partial<RecordSet>, at: number): RecordSet => ({
    type: 'A',
    ttl: 300,
    values: [addressOf(index + at)],
    routing: { policy: 'simple' },
    ...more,
  });
  switch (policy) {
    case 'weighted':
      return [1, 2, 3, 4].map((weight) => set({ routing: { policy: 'weighted', weight }, setIdentifier: `${weight}` }, weight));
    case 'latency':
      return REGIONS.map((region, at) => set({ routing: { policy: 'latency', region }, setIdentifier: region }, at));
    case 'failover':
      return (['PRIMARY', 'SECONDARY'] as const).map((role, at) =>
        set({ routing: { policy: 'failover', role }, setIdentifier: role, healthCheckId: `check-${role}` }, at),
      );
    default:
      return [set({}, 0)];
  }
}

function* names(zone: number): Generator<ZoneName> {
  const [name, zoneId] = [zoneNameOf(zone), `Z${zone}`];
  const simple = { routing: { policy: 'simple' as const } };
  const soa = [`${nameServers[0]}. hostmaster.${name}. 1 3600 900 1209600 300`];
  yield {
    kind: 'zoneName',
    id: `${zoneId} ${name}`,
    zoneId,
    name,
    sets: [
      { type: 'SOA', ttl: 900, values: soa, ...simple },
      { type: 'NS', ttl: 3600, values: nameServers.map((server) => `${server}.`), ...simple },
    ],
  };
  for (let index = 0; index < Number(namesPerZone); index++) {
    const host = hostName(zone, index);
    yield { kind: 'zoneName', id: `${zoneId} ${host}`, zoneId, name: host, sets: setsOf(index) };
  }
}

const zones = new Zones();
const nothing = { isWhole: false, zones: [], goneZones: [], names: [], goneNames: [], domains: [], goneDomains: [] };
const started = performance.now();
for (let zone = 0; zone < Number(zoneCount); zone++) {
  const about: HostedZone = { kind: 'hostedZone', id: `Z${zone}`, name: zoneNameOf(zone), isPrivate: false, networkIds: [], serverSet: 0, createdMs: 0 }; // prettier-ignore
  zones.take({ ...nothing, zones: [about], names: names(zone) });
}
zones.setHealth('check-PRIMARY', true);
const loadMs = performance.now() - started;
await openAuthorityServer({
  listeners: [{ address: '127.0.0.1', port: Number(port), role: { kind: 'set', set: 0 } }],
  zones,
  locate: (address) => PLACES[typeof address === 'number' ? address % 4 : 0],
  resolveAlias: () => undefined,
});
console.log(JSON.stringify({ loadMs, heldBytes: zones.heldBytes }));
