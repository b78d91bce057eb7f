/** Header names in lower case, without making a new string for those that everybody sends. */

/** What the AWS CLI, SDKs, browsers and curl send; `capital` below adds their other usual spelling. */
const USUAL = [
  'accept',
  'accept-encoding',
  'accept-language',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'keep-alive',
  'origin',
  'pragma',
  'range',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
  'x-amz-user-agent',
  'x-amzn-query-mode',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
];

/** `content-type` → `Content-Type`. */
const capital = (name: string): string => name.replace(/(^|-)[a-z]/g, (first) => first.toUpperCase());

const spellings: ReadonlyMap<string, string> = new Map(
  USUAL.flatMap((name) => [
    [name, name],
    [capital(name), name],
  ]),
);

/** The name in lower case. */
export const lowerName = (name: string): string => spellings.get(name) ?? name.toLowerCase();
