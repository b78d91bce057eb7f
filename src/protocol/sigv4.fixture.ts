/** Requests as the AWS SDK's own signer signs them, for the tests of Signature Version 4. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import { AwsError } from '#protocol/aws-error.ts';
import type { HttpRequest } from '#protocol/http.ts';
import type { Secret, VerifyOptions } from '#protocol/sigv4.ts';

export const NOW = new Date('2026-03-04T05:06:07Z');
export const ID = 'AKIAEXAMPLE';
export const SECRET = 's3cr3t/with+chars=';

export const request = (headers: Record<string, string>, query = '', over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/',
  query,
  headers,
  body: Buffer.alloc(0),
  ...over,
});

const bytes = (data: SourceData): string | Uint8Array =>
  typeof data === 'string'
    ? data
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);

/** The hash that the SDK's signer asks for, over Node's. */
class Sha256 {
  readonly #hash;
  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(data: SourceData): void {
    this.#hash.update(bytes(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {}
}

interface Unsigned {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body: string;
}

export const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** What a client would put on the wire. */
const wire = (message: Unsigned): HttpRequest => ({
  method: message.method,
  path: message.path,
  query: Object.entries(message.query)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${escapeUri(name)}=${escapeUri(one)}`))
    .join('&'),
  headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value.trim()])),
  body: Buffer.from(message.body),
});

const signer = (service: string, credentials: { secret?: string; sessionToken?: string } = {}): SignatureV4 =>
  new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials: {
      accessKeyId: ID,
      secretAccessKey: credentials.secret ?? SECRET,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });

const sdkMessage = (message: Partial<Unsigned>): Unsigned & { protocol: string; hostname: string } => ({
  method: 'POST',
  path: '/',
  query: {},
  body: '',
  protocol: 'http:',
  hostname: 'localhost',
  ...message,
  headers: { host: 'localhost:4566', ...message.headers },
});

export async function signed(service: string, message: Partial<Unsigned>, at = NOW, credentials = {}): Promise<HttpRequest> {
  const full = sdkMessage(message);
  const result = await signer(service, credentials).sign(full, { signingDate: at });
  return wire({ ...full, headers: result.headers });
}

export async function presigned(service: string, message: Partial<Unsigned>, expiresIn: number, credentials = {}): Promise<HttpRequest> {
  const full = sdkMessage({ method: 'GET', ...message });
  const result = await signer(service, credentials).presign(full, { signingDate: NOW, expiresIn });
  return wire({ ...full, headers: result.headers, query: result.query as Record<string, string> }); // the SDK's type allows null, its signer leaves none
}

export const verifyWith = (secret: Secret | undefined, over: Partial<VerifyOptions> = {}) => ({
  secretOf: (id: string) => (id === ID ? secret : undefined),
  now: NOW,
  region: 'eu-west-1',
  ...over,
});
export const options = (over: Partial<VerifyOptions> = {}): VerifyOptions => verifyWith({ secret: SECRET }, over);

/** `Code (status): message` of what is thrown. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code} (${error.status}): ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}
