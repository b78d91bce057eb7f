/** Ends of connections as people write them: ADDRESS:PORT, [ADDRESS]:PORT, and what is to be forwarded where. */
import { isIP } from 'node:net';
import { Complaint } from '#cli/complaint.ts';
import { isLoopbackHost } from '#server/loopback.ts';

export interface Endpoint {
  /** An address, without brackets, or a name. */
  readonly host: string;
  readonly port: number;
}

export interface Forward {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

const name = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
const maxPort = 65_535;
/** An address in brackets, or anything without colons. */
const host = String.raw`\[[^\]]*\]|[^:[\]]*`;

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * @param separatePort when the port is no part of the text, as in ssh's `%h %p`
 * @throws Complaint
 */
export function parseEndpoint(text: string, separatePort?: string): Endpoint {
  const parts = separatePort === undefined ? new RegExp(`^(${host}):(\\d+)$`).exec(text)?.slice(1) : [text, separatePort];
  const [found, port] = parts ?? [];
  const bare = found?.replace(/^\[(.*)\]$/, '$1') ?? '';
  const isBracketed = bare !== found;
  if (!(isBracketed ? isIP(bare) === 6 : isIP(bare) !== 0 || isName(bare)) || !isPort(port, 1)) {
    throw new Complaint(
      `'${[text, separatePort].filter(Boolean).join(' ')}' is no end of a connection: write ADDRESS:PORT or [IPv6 ADDRESS]:PORT, e.g. 198.18.0.1:22.`,
    );
  }
  return { host: bare, port: Number(port) };
}

/** @throws Complaint */
export function parseForward(text: string): Forward {
  const [, local, port, to] = new RegExp(`^(?:(${host}):)?(\\d+):((?:${host}):\\d+)$`).exec(text) ?? [];
  if (to === undefined || !isPort(port, 0)) {
    throw new Complaint(`'${text}' is nothing to forward: write [LOCAL:]PORT:ADDRESS:PORT, e.g. 8080:198.18.0.1:80.`);
  }
  const at = (local ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  if (!isLoopbackHost(at)) {
    throw new Complaint(`'${at}' would open Keiro's network to other machines: forward from an address of loopback, e.g. 127.0.0.1.`);
  }
  return { from: { host: at, port: Number(port) }, to: parseEndpoint(to) };
}

/** Four numbers are meant as an address, however wrong. */
const isName = (text: string): boolean => name.test(text) && !/^[\d.]+$/.test(text);

function isPort(text: string | undefined, least: number): boolean {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= maxPort;
}
