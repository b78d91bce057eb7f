/** `keiro dig`: asks for a name, from wherever on earth. */
import { isIP } from 'node:net';
import { formatIp } from '#model/ip.ts';
import { RecordClass } from '#dataplane/dns/codec/message.ts';
import { typeNumber } from '#dataplane/dns/codec/present.ts';
import { knownPlace, knownPlaces, type KnownPlace } from '#dataplane/dns/geo/built-in-table.ts';
import { Complaint } from '#cli/complaint.ts';
import { asJson, inFull, inShort, type Dug } from '#cli/dig-text.ts';
import { dnsOf } from '#cli/dns-of.ts';
import { askServer } from '#cli/dns-question.ts';
import { type Endpoint, parseEndpoint } from '#cli/endpoint.ts';
import type { LocateOptions } from '#cli/locate.ts';
import { print } from '#cli/print.ts';

export interface DigOptions extends LocateOptions {
  /** A place's code or name. */
  readonly from?: string;
  /** ADDRESS, ADDRESS:PORT or [IPv6 ADDRESS]:PORT. */
  readonly server?: string;
  readonly short?: boolean;
  readonly json?: boolean;
  /** Lists the places instead. */
  readonly places?: boolean;
}

const DNS_PORT = 53;

export async function dig(name: string | undefined, type: string | undefined, options: DigOptions): Promise<void> {
  if (options.places === true) return listPlaces(options);
  if (name === undefined)
    throw new Complaint("which name? E.g. 'keiro dig www.example.com', or 'keiro dig --places' for where it may be asked from.");
  const number = typeNumber(type ?? 'A');
  if (number === undefined) throw new Complaint(`'${type}' is no type of records: write A, AAAA, MX, TXT …, or TYPE65280.`);
  const from = options.from === undefined ? undefined : placeCalled(options.from);
  const question = { name: nameAsked(name), type: number, class: RecordClass.IN };
  const server = options.server === undefined ? await dnsOf(options) : serverCalled(options.server);
  const words = [name, type, from && `--from ${from.code}`].filter(Boolean).join(' ');
  const asked = await ask(server, question, from, name);
  const dug: Dug = { ...asked, server, from, words };
  print(options.json, asJson(dug), () => (options.short === true ? inShort(dug) : inFull(dug)));
}

async function ask(server: Endpoint, question: Parameters<typeof askServer>[0]['question'], from: KnownPlace | undefined, name: string) {
  const where = `${server.host}#${server.port}`;
  try {
    const asked = await askServer({ server, question, ...(from === undefined ? {} : { client: from.address }) });
    if (asked === undefined) throw new Complaint(`no answer came from ${where}.`);
    return asked;
  } catch (error) {
    if (error instanceof Complaint || !(error instanceof Error)) throw error;
    if ('code' in error) throw new Complaint(`${where} cannot be asked (${error.message}).`);
    throw new Complaint(`'${name}' is no name (${error.message}).`);
  }
}

/** As the codec has names: lower case, without the dot at the end. */
function nameAsked(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith('.') && !lower.endsWith(String.raw`\.`) ? lower.slice(0, -1) : lower;
}

function serverCalled(text: string): Endpoint {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const server = isIP(bare) === 0 ? parseEndpoint(text) : { host: bare, port: DNS_PORT };
  if (isIP(server.host) === 0) throw new Complaint(`'${text}' is no server: write its address, e.g. 198.18.0.53 or 127.0.0.1:5353.`);
  return server;
}

function placeCalled(text: string): KnownPlace {
  const place = knownPlace(text);
  if (place !== undefined) return place;
  const kinds: readonly (readonly [string, KnownPlace['kind']])[] = [
    ['Regions', 'region'],
    ['countries', 'country'],
    ['subdivisions', 'subdivision'],
    ['continents', 'continent'],
  ];
  const lists = kinds.map(([words, kind]) => `${words}: ${codesOf(kind).join(', ')}`);
  throw new Complaint(`nobody knows where '${text}' is. Known are\n  ${lists.join('\n  ')}\n('keiro dig --places' has their names).`);
}

const codesOf = (wanted: KnownPlace['kind']): string[] => knownPlaces.filter(({ kind }) => kind === wanted).map(({ code }) => code);

function listPlaces({ json }: DigOptions): void {
  const places = knownPlaces.map(({ address, ...place }) => ({ ...place, address: formatIp(address) }));
  const [code, address] = (['code', 'address'] as const).map((key) => Math.max(...places.map((place) => place[key].length)));
  print(json, places, () =>
    places.map((one) => `${one.code.padEnd(code ?? 0)}  ${one.address.padEnd(address ?? 0)}  ${one.name}`).join('\n'),
  );
}
