/** Who asks, as far as answers depend on it; looked at only when one does. */
import { parseIp, type Ip, type Ipv6 } from '#model/ip.ts';
import type { Place } from '#model/places.ts';
import type { Id } from '#model/topology.ts';
import type { Query } from '#dataplane/dns/authority/query.ts';
import { getUint32 } from '#dataplane/dns/authority/record-bytes.ts';

/** What answers depend on beside zones. */
export interface Seams {
  /** Where an address is. */
  readonly locate: (address: Ip) => Place | undefined;
  /** The addresses of what an alias names outside of its zone, as a load balancer; undefined when there is no such thing. They are answered with a TTL of 60 s. */
  readonly resolveAlias: (name: string, type: 'A' | 'AAAA', asker: AliasAsker) => readonly Ip[] | undefined;
  /** 0 to 1, without 1. */
  readonly random: () => number;
}

export interface AliasAsker {
  /** Undefined: from the internet. */
  readonly networkId: Id | undefined;
  readonly source: Ip | undefined;
}

const IPV4_FAMILY = 1;
const SUBNET_HEAD_BYTES = 4;

/** One for all questions: its fields are set anew for each. */
export class Client implements AliasAsker {
  networkId: Id | undefined;
  /** Whether it was asked where the client is. */
  wasLocated = false;
  readonly #seams: Pick<Seams, 'locate'>;
  #text = '';
  #source: Ip | undefined;
  #query: Query | undefined;
  #place: Place | undefined;

  constructor(seams: Pick<Seams, 'locate'>) {
    this.#seams = seams;
  }

  /** @param source as text; read when it is needed. @param query has the client's subnet, maybe */
  comes(source: string, query: Query | undefined): void {
    this.networkId = undefined;
    this.wasLocated = false;
    this.#text = source;
    this.#source = undefined;
    this.#query = query;
  }

  /** One whose place needs no looking up: in a network, whose Region it is (guide, "How Amazon Route 53 uses EDNS0": private zones go by the Region). */
  comesFrom(networkId: Id | undefined, source: Ip, place: Place | undefined): void {
    this.networkId = networkId;
    this.wasLocated = true;
    this.#source = source;
    this.#query = undefined;
    this.#place = place;
  }

  get source(): Ip | undefined {
    const zone = this.#text.indexOf('%');
    return (this.#source ??= parseIp(zone < 0 ? this.#text : this.#text.slice(0, zone)));
  }

  place(): Place | undefined {
    if (this.wasLocated) return this.#place;
    this.wasLocated = true;
    const address = (this.#query && subnetOf(this.#query)) ?? this.source;
    return (this.#place = address === undefined ? undefined : this.#seams.locate(address));
  }
}

/** The first address of the subnet that a query names; undefined when it names none, or all (a client that will not say: RFC 7871 section 7.1.2). */
function subnetOf(query: Query): Ip | undefined {
  const { bytes, subnetAt: at } = query;
  if (at === 0 || bytes[at + 2] === 0) return undefined;
  const address = new Uint8Array(16);
  for (let index = SUBNET_HEAD_BYTES; index < query.subnetLength; index++) address[index - SUBNET_HEAD_BYTES] = bytes[at + index] ?? 0;
  if (bytes[at + 1] === IPV4_FAMILY) return getUint32(address, 0) as Ip; // any 32 bits are one
  let value = 0n;
  for (let index = 0; index < 16; index += 4) value = (value << 32n) | BigInt(getUint32(address, index));
  return value as Ipv6; // any 128 bits are one
}
