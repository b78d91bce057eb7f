/** Certificates for tests of ACM: issued ones, and foreign ones made by openssl. */
import {
  type ACMClient,
  DescribeCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'keiro-acm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A file with that text, for as long as the test file runs. */
export function fileOf(text: string | Uint8Array): string {
  const path = join(folder, `${(files += 1)}.pem`);
  writeFileSync(path, text);
  return path;
}

export const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface PairOptions {
  readonly subject?: string;
  readonly algorithm?: readonly string[];
  readonly extensions?: readonly string[];
  /** Self-signed when left out. */
  readonly issuer?: Pair;
  /** `YYYYMMDDHHMMSSZ`. */
  readonly from?: string;
  readonly to?: string;
}

export const ec = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
export const rsa = (bits: number): string[] => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];

/** A key and its certificate. */
export function makePair({ subject = '/CN=www.example.com', algorithm = ec, extensions = [], issuer, from, to }: PairOptions = {}): Pair {
  const key = openssl('genpkey', ...algorithm);
  const request = fileOf(openssl('req', '-new', '-key', fileOf(key), '-subj', subject));
  const signing =
    issuer === undefined ? ['-signkey', fileOf(key)] : ['-CA', fileOf(issuer.certificate), '-CAkey', fileOf(issuer.key), '-CAcreateserial'];
  const dates = from !== undefined && to !== undefined ? { from, to } : undefined;
  if (dates !== undefined) return { key, certificate: datedCertificate(request, key, dates) };
  const extra = extensions.length === 0 ? [] : ['-extfile', fileOf(extensions.join('\n'))];
  return { key, certificate: openssl('x509', '-req', '-in', request, '-days', '30', ...signing, ...extra) };
}

/** `openssl x509` cannot set both dates in version 3.0; `ca` can. */
function datedCertificate(request: string, key: string, { from, to }: { readonly from: string; readonly to: string }): string {
  const index = fileOf('');
  const config = fileOf(
    `[ca]\ndefault_ca=me\n[me]\ndatabase=${index}\nnew_certs_dir=${folder}\nserial=${fileOf('01')}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n`,
  );
  const out = fileOf('');
  openssl(
    'ca',
    '-batch',
    '-config',
    config,
    '-selfsign',
    '-keyfile',
    fileOf(key),
    '-in',
    request,
    '-startdate',
    from,
    '-enddate',
    to,
    '-notext',
    '-out',
    out,
  );
  return readFileSync(out, 'utf8');
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Asks for a certificate. */
export async function request(client: ACMClient, input: Partial<RequestCertificateCommandInput> = {}): Promise<string> {
  const { CertificateArn = '' } = await client.send(
    new RequestCertificateCommand({ DomainName: 'www.example.com', ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1', ...input }),
  );
  return CertificateArn;
}

export async function detail(client: ACMClient, CertificateArn: string) {
  return (await client.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate ?? {};
}

/** Asks for a certificate and waits until it is issued. */
export async function issued(client: ACMClient, input: Partial<RequestCertificateCommandInput> = {}): Promise<string> {
  const arn = await request(client, input);
  await vi.waitFor(async () => expect((await detail(client, arn)).Status).toBe('ISSUED'), { timeout: 10_000, interval: 50 });
  return arn;
}
