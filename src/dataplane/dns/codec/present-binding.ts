/** The data of SVCB and HTTPS records as text (RFC 9460 section 2.1). */
import { formatIp, type Ipv4, type Ipv6 } from '#model/ip.ts';
import { readName, type Cursor } from '#dataplane/dns/codec/names.ts';
import { uint16 } from '#dataplane/dns/codec/read-records.ts';

/** RFC 9460 section 14.3.2, RFC 9461. */
const keyNames = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath'] as const;
const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const keyName = (key: number): string => keyNames[key] ?? `key${key}`;

/** Undefined when the bytes are no service binding. */
export function presentBinding(bytes: Uint8Array): string | undefined {
  const cursor: Cursor = { bytes, at: 2 };
  const target = bytes.length < 3 ? undefined : readName(cursor);
  if (target === undefined) return undefined;
  const fields = [`${uint16(bytes, 0)}`, `${target}.`];
  while (cursor.at < bytes.length) {
    const start = cursor.at + 4;
    const end = start + uint16(bytes, cursor.at + 2);
    if (start > bytes.length || end > bytes.length) return undefined;
    const parameter = presentParameter(uint16(bytes, cursor.at), bytes.subarray(start, end));
    if (parameter === undefined) return undefined;
    fields.push(parameter);
    cursor.at = end;
  }
  return fields.join(' ');
}

function presentParameter(key: number, value: Uint8Array): string | undefined {
  const name = keyName(key);
  switch (name) {
    case 'mandatory':
      return listOf(
        name,
        pieces(value, 2)?.map((piece) => keyName(uint16(piece, 0))),
      );
    case 'alpn':
      return presentProtocols(name, value);
    case 'no-default-alpn':
      return value.length === 0 ? name : undefined;
    case 'port':
      return value.length === 2 ? `${name}=${uint16(value, 0)}` : undefined;
    case 'ipv4hint':
      return listOf(name, pieces(value, 4)?.map(ipv4Text));
    case 'ipv6hint':
      return listOf(name, pieces(value, 16)?.map(ipv6Text));
    case 'ech':
      return `${name}=${Buffer.from(value).toString('base64')}`;
    default:
      return value.length === 0 ? name : `${name}="${escapedText(value)}"`;
  }
}

const ipv4Text = (bytes: Uint8Array): string => formatIp(Number.parseInt(hexadecimal(bytes), 16) as Ipv4); // any 32 bits are one
const ipv6Text = (bytes: Uint8Array): string => formatIp(BigInt(`0x${hexadecimal(bytes)}`) as Ipv6); // any 128 bits are one

const listOf = (name: string, items: readonly string[] | undefined): string | undefined => (items === undefined ? undefined : `${name}=${items.join(',')}`); // prettier-ignore

/** Equal pieces, at least one; undefined when they do not come out even. */
function pieces(value: Uint8Array, bytes: number): Uint8Array[] | undefined {
  if (value.length === 0 || value.length % bytes !== 0) return undefined;
  return Array.from({ length: value.length / bytes }, (_, index) => value.subarray(index * bytes, (index + 1) * bytes));
}

/** Commas and backslashes in a protocol's name are escaped twice: in the list, and in the text (RFC 9460 appendix A.1). */
function presentProtocols(name: string, value: Uint8Array): string | undefined {
  const protocols: string[] = [];
  for (let at = 0; at < value.length;) {
    const end = at + 1 + (value[at] ?? 0);
    if (end > value.length || end === at + 1) return undefined;
    protocols.push(
      escapedText(value.subarray(at + 1, end))
        .replaceAll('\\', '\\\\')
        .replaceAll(',', '\\\\,'),
    );
    at = end;
  }
  return protocols.length === 0 ? undefined : `${name}="${protocols.join(',')}"`;
}

/** Bytes as they stand between quotation marks (RFC 1035 section 5.1). */
export function escapedText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCodePoint(byte)}`;
    else text += byte < 0x20 || byte > 0x7e ? `\\${`${byte}`.padStart(3, '0')}` : String.fromCodePoint(byte);
  }
  return text;
}
