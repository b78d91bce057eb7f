/** Values of SVCB and HTTPS records: a priority, a target, parameters (RFC 9460; Route 53 guide, "HTTPS record type"). */
import { octalAt, writeDomainName } from '#model/domain-name.ts';
import { parseIpv4, parseIpv6 } from '#model/ip.ts';
import { fieldsOf, numberUpTo, type Written } from '#model/value-fields.ts';

/** RFC 9460 section 14.3.2, RFC 9461. */
const keys: Readonly<Record<string, number>> = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
};
const ALPN = 1;
const NO_DEFAULT_ALPN = 2;

interface Parameter {
  readonly key: number;
  readonly bytes: Uint8Array;
}

/** Writes a value to the head of `into` and gives its length; a text is AWS's fault. */
export function writeServiceBinding(type: 'HTTPS' | 'SVCB', text: string, into: Uint8Array): Written {
  const fault = (code: string, words: string): string => `${type}RRDATA${code} (${words}) encountered with '${text}'`;
  const [priorityText = '', target = '', ...rest] = fieldsOf(text) ?? [];
  if (target === '') return fault('NotTwoFields', `${type} record doesn't have at least 2 fields`);
  const priority = numberUpTo(priorityText, 0xffff);
  if (priority === undefined) return fault('InvalidNumber', 'Value is not a number between 0 and 65535');
  const parameters: Parameter[] = [];
  for (const each of rest) {
    const parameter = readParameter(each);
    if (typeof parameter === 'string') return fault('InvalidSvcParam', parameter);
    parameters.push(parameter);
  }
  const wrong = wrongTogether(priority, parameters);
  if (wrong !== undefined) return fault('InvalidSvcParams', wrong);
  put16(into, 0, priority);
  const end = writeDomainName(target, into, 2);
  return typeof end === 'string' ? end : writeParameters(parameters, into, end);
}

/** "In ascending order of key" (section 2.2). */
function writeParameters(parameters: readonly Parameter[], into: Uint8Array, from: number): number {
  let at = from;
  for (const { key, bytes } of parameters.toSorted((a, b) => a.key - b.key)) {
    put16(into, at, key);
    put16(into, at + 2, bytes.length);
    into.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  return at;
}

/** Sections 2.4.2, 7.1.1 and 8. */
function wrongTogether(priority: number, parameters: readonly Parameter[]): string | undefined {
  const present = new Set(parameters.map(({ key }) => key));
  if (present.size < parameters.length) return 'A parameter is specified more than once';
  if (priority === 0 && parameters.length > 0) return 'A record in AliasMode has no parameters';
  if (present.has(NO_DEFAULT_ALPN) && !present.has(ALPN)) return 'no-default-alpn requires alpn';
  const mandatory = parameters.find(({ key }) => key === 0)?.bytes ?? new Uint8Array();
  for (let at = 0; at < mandatory.length; at += 2) {
    const key = (mandatory[at] ?? 0) * 256 + (mandatory[at + 1] ?? 0);
    if (key === 0 || !present.has(key)) return 'A mandatory parameter is missing';
  }
  return undefined;
}

/** `key=value`, `key="value"` or `key`; a text says what is wrong. */
function readParameter(text: string): Parameter | string {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const key = keyCalled(name);
  if (key === undefined) return `Unknown parameter ${name}`;
  const raw = equals < 0 ? '' : text.slice(equals + 1);
  const value = raw.startsWith('"') && raw.endsWith('"') && raw.length > 1 ? raw.slice(1, -1) : raw;
  if (value.includes('"') && !/\\"/.test(value)) return `Invalid value of parameter ${name}`;
  const bytes = valueBytes(key, value);
  return bytes === undefined ? `Invalid value of parameter ${name}` : { key, bytes };
}

function keyCalled(name: string): number | undefined {
  if (Object.hasOwn(keys, name)) return keys[name];
  const number = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1];
  const key = number === undefined ? undefined : numberUpTo(number, 0xfffe);
  return key === undefined || key < Object.keys(keys).length ? undefined : key;
}

function valueBytes(key: number, value: string): Uint8Array | undefined {
  switch (key) {
    case keys['mandatory']:
      return mandatoryBytes(value);
    case ALPN:
      return identifierBytes(value);
    case NO_DEFAULT_ALPN:
      return value === '' ? new Uint8Array() : undefined;
    case keys['port']: {
      const port = numberUpTo(value, 0xffff);
      return port === undefined ? undefined : Uint8Array.of(port >>> 8, port & 0xff);
    }
    case keys['ipv4hint']:
      return addressBytes(value, (text) => {
        const address = parseIpv4(text);
        return address === undefined ? undefined : Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
      });
    case keys['ipv6hint']:
      return addressBytes(value, (text) => {
        const address = parseIpv6(text);
        return address === undefined
          ? undefined
          : Uint8Array.from({ length: 16 }, (_, at) => Number((address >> BigInt(120 - 8 * at)) & 0xffn));
      });
    case keys['ech']:
      return base64Bytes(value);
    default:
      return unescaped(value);
  }
}

function mandatoryBytes(value: string): Uint8Array | undefined {
  const named = value.split(',').map(keyCalled);
  if (named.includes(undefined) || new Set(named).size < named.length) return undefined;
  const sorted = named.filter((key) => key !== undefined).toSorted((a, b) => a - b);
  return Uint8Array.from(sorted.flatMap((key) => [key >>> 8, key & 0xff]));
}

/** Identifiers between commas; `\\,` is a comma in one (section 7.1.1, appendix A.1). */
function identifierBytes(value: string): Uint8Array | undefined {
  const all: number[] = [];
  for (const item of value.split(/(?<!\\),/)) {
    const bytes = unescaped(item.replace(/\\+,/g, ','));
    if (bytes === undefined || bytes.length === 0 || bytes.length > 255) return undefined;
    all.push(bytes.length, ...bytes);
  }
  return Uint8Array.from(all);
}

function addressBytes(value: string, read: (text: string) => Uint8Array | undefined): Uint8Array | undefined {
  const all: number[] = [];
  for (const item of value.split(',')) {
    const bytes = read(item);
    if (bytes === undefined) return undefined;
    all.push(...bytes);
  }
  return Uint8Array.from(all);
}

function base64Bytes(value: string): Uint8Array | undefined {
  if (value === '' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) return undefined;
  return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
}

function unescaped(value: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at++) {
    let code = value.charCodeAt(at);
    if (code === 0x5c) {
      const octet = octalAt(value, at);
      if (octet !== undefined) {
        bytes.push(octet);
        at += 3;
        continue;
      }
      code = value.charCodeAt(++at);
    }
    if (!(code >= 0x20 && code <= 0x7e)) return undefined;
    bytes.push(code);
  }
  return Uint8Array.from(bytes);
}

function put16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value & 0xff;
}
