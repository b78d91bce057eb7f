/** What a server is started with, checked before anything is opened. */
import { isIP } from 'node:net';
import { LOG_LEVELS } from '#server/log-level.ts';
import type { LogLevel } from '#server/log-level.ts';
import { isLoopbackHost } from '#server/loopback.ts';

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Address or name to listen on. */
  readonly host: string;
  /** Directory of everything that stays. */
  readonly data: string;
  /** `sigv4` verifies signatures and IAM policies. */
  readonly auth: 'off' | 'sigv4';
  readonly quotas: 'on' | 'off';
  /** `auto` moves packets where the machine allows it, `on` does not start where it does not. */
  readonly packets: 'auto' | 'on' | 'off';
  /** Whether Keiro's internet leads on to the real one. */
  readonly outbound: boolean;
  /** Names that Keiro's internet does not have: `auto` takes them as validated, `strict` waits for them as AWS does. */
  readonly certificates: 'auto' | 'strict';
  /** The port for names on the loopback: `auto` takes 53, else 5353, else none; 0 takes a free one. */
  readonly dns: 'auto' | 'off' | number;
  /** A database in MaxMind's format that says where addresses are, beside Keiro's own internet. */
  readonly geo?: string;
  readonly logLevel: LogLevel;
  /** Region of requests that name none, e.g. `eu-west-1`. */
  readonly region: string;
}

/** Options as they are given, by the command line or by a caller. */
export type GivenOptions = { readonly [K in keyof ServerOptions]?: string | number | boolean | undefined };

/** A start that cannot be; the message tells the person what to do. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}

const MAX_PORT = 65_535;
const REGION_NAME = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;

function oneOf<T extends string>(option: string, value: string | number | boolean | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new OptionError(`--${option} is one of ${choices.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}

function readPort(value: string | number | boolean): number {
  const port = typeof value === 'number' ? value : /^\d{1,5}$/.test(String(value)) ? Number(value) : Number.NaN;
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new OptionError(`--port is a number from 0 to ${MAX_PORT}, not ${JSON.stringify(value)}`);
  }
  return port;
}

function readDns(value: string | number | boolean): ServerOptions['dns'] {
  if (value === 'auto' || value === 'off') return value;
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : Number.NaN;
  if (Number.isInteger(port) && port <= MAX_PORT) return port;
  throw new OptionError(`--dns is auto, off, or a port from 0 to ${MAX_PORT}, not ${JSON.stringify(value)}`);
}

function readHost(value: string | number | boolean): string {
  const host = String(value).replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    throw new OptionError(`--listen is an address or a host name, not ${JSON.stringify(value)}`);
  return host;
}

/**
 * The options with their defaults. `KEIRO_PORT`, `KEIRO_DATA` and `AWS_REGION` stand in for what is not given.
 * Beyond loopback signatures are verified: to ask for the opposite is refused.
 * @throws OptionError
 */
export function readOptions(given: GivenOptions, environment: Readonly<Record<string, string | undefined>> = {}): ServerOptions {
  const port = readPort(given.port ?? (environment['KEIRO_PORT'] || 4566));
  const host = readHost(given.host ?? '127.0.0.1');
  const data = String(given.data ?? (environment['KEIRO_DATA'] || '.keiro'));
  if (data === '') throw new OptionError('--data is the name of a directory');
  const region = String(given.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1'));
  if (!REGION_NAME.test(region))
    throw new OptionError(`--region is the name of an AWS Region such as eu-west-1, not ${JSON.stringify(region)}`);
  const asked = oneOf('auth', given.auth, ['off', 'sigv4']);
  const open = !isLoopbackHost(host);
  if (open && asked === 'off') {
    throw new OptionError(
      `--listen ${host} opens Keiro to other machines, and with --auth off whoever reaches it owns it: leave out --auth off, or listen on 127.0.0.1`,
    );
  }
  if (given.geo === '') throw new OptionError('--geo is the name of a file');
  const packets = oneOf('packets', given.packets, ['auto', 'on', 'off']) ?? 'auto';
  if (given.outbound === true && packets === 'off')
    throw new OptionError('--outbound is of no use with --packets off: leave out one of them');
  return {
    port,
    host,
    data,
    auth: asked ?? (open ? 'sigv4' : 'off'),
    quotas: oneOf('quotas', given.quotas, ['on', 'off']) ?? 'on',
    packets,
    outbound: given.outbound === true,
    certificates: oneOf('certificates', given.certificates, ['auto', 'strict']) ?? 'auto',
    dns: readDns(given.dns ?? 'auto'),
    region,
    ...(given.geo === undefined ? {} : { geo: String(given.geo) }),
    logLevel: oneOf('log-level', given.logLevel, LOG_LEVELS) ?? 'info',
  };
}
