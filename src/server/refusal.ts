/** Answers to requests that never reach a service: too large, too many, not HTTP. */
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { readCredential } from '#protocol/sigv4.ts';

export type RefusalKind = 'too-large' | 'too-many' | 'bad-request' | 'headers-too-large' | 'timed-out' | 'expectation-failed' | 'failed';

interface Words {
  readonly status: number;
  /** Code in XML; JSON's is the same with `Exception` at its end. */
  readonly code: string;
  readonly message: string;
}

const WORDS: Readonly<Record<RefusalKind, Words>> = {
  'too-large': { status: 413, code: 'RequestEntityTooLarge', message: 'The request entity is too large.' },
  'too-many': { status: 503, code: 'Throttling', message: 'Rate exceeded' },
  'bad-request': { status: 400, code: 'MalformedHttpRequest', message: 'The request is not valid HTTP.' },
  'headers-too-large': {
    status: 431,
    code: 'RequestHeaderSectionTooLarge',
    message: 'Your request header section exceeds the maximum allowed size.',
  },
  'timed-out': {
    status: 408,
    code: 'RequestTimeout',
    message:
      'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  },
  'expectation-failed': {
    status: 417,
    code: 'ExpectationFailed',
    message: 'The expectation of the Expect header is not one that can be met.',
  },
  failed: {
    status: 500,
    code: 'InternalFailure',
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  },
};

/** Two services have their own words for what the others call throttling, and SDKs know when to retry by them. */
const SERVICE_WORDS: Readonly<Record<string, Partial<Record<RefusalKind, Words>>>> = {
  ec2: {
    'too-many': { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
    failed: { status: 500, code: 'InternalError', message: 'An internal error has occurred' },
  },
  s3: {
    'too-many': { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
    failed: { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' },
  },
};

const sender = (status: number): string => (status < 500 ? 'Sender' : 'Receiver');

/** A refusal in the request's own protocol as far as its headers tell, else in plain XML. */
export function refusal(kind: RefusalKind, request?: Pick<HttpRequest, 'headers' | 'query'>): HttpResponse {
  const requestId = randomUUID();
  const service = request ? readCredential({ method: 'GET', path: '/', body: Buffer.alloc(0), ...request })?.service : undefined;
  const { status, code, message } = (service === undefined ? undefined : SERVICE_WORDS[service]?.[kind]) ?? WORDS[kind];
  const type = request?.headers['content-type'];
  if (type?.startsWith('application/x-amz-json-') || type?.startsWith('application/json')) {
    const body = JSON.stringify({ __type: `${code}Exception`, message });
    const headers = {
      'content-type': type.startsWith('application/json') ? 'application/json' : type,
      'x-amzn-errortype': `${code}Exception`,
      'x-amzn-requestid': requestId,
    };
    return { status, headers, body };
  }
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  if (service === 'ec2') {
    const body = `${head}<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    return { status, headers, body };
  }
  const body = `${head}<ErrorResponse><Error><Type>${sender(status)}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, headers, body };
}
