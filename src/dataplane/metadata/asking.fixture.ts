/** Instances that ask a metadata service on the loopback: each by an address of its own. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { Metadata, Workload } from '#model/workload.ts';
import { type MetadataServer, type MetadataServerOptions, openMetadataServer } from './server.ts';

export const first = '127.0.0.1';
export const second = '127.0.0.2';
export const stranger = '127.0.0.3';

const tree = {
  'meta-data/ami-id': 'ami-1',
  'meta-data/instance-id': 'i-first',
  'meta-data/network/interfaces/macs/02:00:00:00:00:01/device-number': '0',
  'meta-data/network/interfaces/macs/02:00:00:00:00:01/local-ipv4s': '10.0.0.4\n10.0.0.5',
  'meta-data/placement/region': 'eu-west-1',
  'meta-data/placement-like': 'sorts behind the folder',
  'meta-data/public-keys/': '0=my key',
  'meta-data/public-keys/0/openssh-key': 'ssh-ed25519 AAAA me',
  'meta-data/tags/instance/Über': 'ä',
  'dynamic/instance-identity/document': '{\n  "instanceId" : "i-first"\n}',
};

export function workload(id: string, metadata: Partial<Metadata> = {}): Workload {
  const defaults: Metadata = { isEnabled: true, needsToken: false, hopLimit: 1, isIpv6Enabled: false, tree };
  return {
    kind: 'workload',
    id,
    boot: 1,
    hostName: 'h',
    loginName: 'ec2-user',
    authorizedKeys: [],
    nameServers: [],
    searchDomains: [],
    metadata: { ...defaults, ...metadata },
  };
}

/** A service that knows these instances by where they ask from. */
export function serve(known: ReadonlyMap<string, Workload>, options: Partial<MetadataServerOptions> = {}): Promise<MetadataServer> {
  return openMetadataServer({ address: '0.0.0.0', port: 0, workloadOf: (remote) => known.get(remote), ...options });
}

export interface Asked {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Asking {
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One question over a connection of its own; rejects when it is closed without an answer. */
export function ask(
  { port }: MetadataServer,
  path: string,
  { from = first, method = 'GET', headers = {}, body }: Asking = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const asked = request({ host: first, port, path, method, headers, localAddress: from, agent }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          reason: answer.statusMessage ?? '',
          headers: answer.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What comes back for bytes until the connection ends; undefined: nothing did. */
export function send({ port }: MetadataServer, bytes: Buffer | string, from = first): Promise<string | undefined> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect({ host: first, port, localAddress: from }, () => socket.write(bytes));
    socket.on('data', (part) => (got += part.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got === '' ? undefined : got));
  });
}
