/** The zones that all name servers of the benchmark have, and how their hosts are called. */
import { nameServerSet } from '#model/name-servers.ts';

export const zoneNameOf = (zone: number): string => `zone-${String(zone).padStart(4, '0')}.example.net`;
/** As long as each other, so that a million names are questions of the same size as ten thousand. */
export const hostName = (zone: number, index: number): string => `host-${String(index).padStart(5, '0')}.${zoneNameOf(zone)}`;
export const addressOf = (index: number): string => `10.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;
/** The same for all zones, as one set of servers answers them. */
export const nameServers: readonly string[] = nameServerSet(0).map(({ name }) => name);
