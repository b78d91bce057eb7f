/** Writes small databases in MaxMind's format for tests. */
import { firstIp, type Cidr } from '#model/cidr.ts';
import { isIpv4 } from '#model/ip.ts';

export type FixtureValue =
  | string
  | number
  | boolean
  | Uint16
  | Pointer
  | readonly FixtureValue[]
  | { readonly [key: string]: FixtureValue };

/** A whole number of 16 or 32 bits; other numbers are written as doubles. */
export class Uint16 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** To a place in the data. */
export class Pointer {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

export interface FixtureOptions {
  readonly recordBits?: 24 | 28 | 32;
  readonly ipVersion?: 4 | 6;
  /** Data before all records, for pointers. */
  readonly shared?: readonly FixtureValue[];
  readonly metadata?: { readonly [key: string]: FixtureValue };
}

interface Node {
  children: [Node | number | undefined, Node | number | undefined];
}

/** The bytes of a database that has a record for each block; IPv4 blocks lie in ::/96 of one for IPv6. */
export function encodeMmdb(records: readonly (readonly [Cidr, FixtureValue])[], options: FixtureOptions = {}): Buffer {
  const { recordBits = 24, ipVersion = 6, shared = [], metadata = {} } = options;
  const data: Buffer[] = shared.map(encodeValue);
  let dataBytes = data.reduce((sum, { length }) => sum + length, 0);
  const root: Node = { children: [undefined, undefined] };
  const nodes: Node[] = [root];
  for (const [cidr, value] of records) {
    const bits = pathOf(cidr, ipVersion);
    let node = root;
    for (const [depth, bit] of bits.entries()) {
      if (depth === bits.length - 1) {
        node.children[bit] = dataBytes;
        break;
      }
      let next = node.children[bit];
      if (typeof next !== 'object') nodes.push((next = { children: [undefined, undefined] }));
      node.children[bit] = next;
      node = next;
    }
    const encoded = encodeValue(value);
    data.push(encoded);
    dataBytes += encoded.length;
  }
  const numberOf = new Map(nodes.map((node, index) => [node, index]));
  const recordOf = (child: Node | number | undefined): number => {
    if (child === undefined) return nodes.length;
    return typeof child === 'number' ? nodes.length + 16 + child : (numberOf.get(child) ?? 0);
  };
  const tree = Buffer.concat(nodes.map(({ children }) => encodeNode(recordOf(children[0]), recordOf(children[1]), recordBits)));
  const described = encodeValue({
    node_count: new Uint16(nodes.length),
    record_size: new Uint16(recordBits),
    ip_version: new Uint16(ipVersion),
    binary_format_major_version: new Uint16(2),
    binary_format_minor_version: new Uint16(0),
    database_type: 'Test-City',
    languages: ['en'],
    ...metadata,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), described]);
}

function pathOf(cidr: Cidr, ipVersion: 4 | 6): (0 | 1)[] {
  const first = firstIp(cidr);
  const isFour = isIpv4(first);
  const bits = BigInt(first)
    .toString(2)
    .padStart(isFour ? 32 : 128, '0');
  const before = isFour && ipVersion === 6 ? '0'.repeat(96) : '';
  return Array.from(before + bits.slice(0, cidr.prefixLength), (bit) => (bit === '1' ? 1 : 0));
}

function encodeNode(left: number, right: number, recordBits: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordBits / 4);
  if (recordBits === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
  } else {
    bytes.writeUIntBE(left & 0xff_ffff, 0, 3);
    bytes.writeUIntBE(right & 0xff_ffff, recordBits === 24 ? 3 : 4, 3);
    if (recordBits === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  }
  return bytes;
}

export function encodeValue(value: FixtureValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return head(14, value ? 1 : 0);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([head(3, 8), bytes]);
  }
  if (value instanceof Uint16) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value.value);
    return Buffer.concat([head(6, 4), bytes]);
  }
  if (value instanceof Pointer) return Buffer.from([0x20 | (value.at >>> 8), value.at & 0xff]);
  if (isList(value)) return Buffer.concat([head(11, value.length), ...value.map(encodeValue)]);
  const pairs = Object.entries(value);
  return Buffer.concat([head(7, pairs.length), ...pairs.flatMap(([key, one]) => [encodeValue(key), encodeValue(one)])]);
}

const isList = (value: FixtureValue): value is readonly FixtureValue[] => Array.isArray(value);

function head(kind: number, size: number): Buffer {
  const long = size < 29 ? [] : size < 285 ? [size - 29] : [(size - 285) >>> 8, (size - 285) & 0xff];
  const short = size < 29 ? size : 28 + long.length;
  return Buffer.from(kind > 7 ? [short, kind - 7, ...long] : [(kind << 5) | short, ...long]);
}
