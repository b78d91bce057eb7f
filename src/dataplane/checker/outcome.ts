/** What came of asking an endpoint once, in AWS's words. */
import { STATUS_CODES } from 'node:http';

export interface Outcome {
  readonly isHealthy: boolean;
  readonly words: string;
}

const FIREWALL_PAGE = 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html';

/** What goes wrong before there is a status. AWS's words, where they are known: see the README. */
export const trouble = {
  connectTimeout: `Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall. See ${FIREWALL_PAGE}`,
  refused: 'Connection refused.',
  unreachable: 'No route to host.',
  closed: 'The connection was closed by the endpoint.',
  statusTimeout: 'The endpoint did not respond with an HTTP status code within the timeout limit.',
  noHttp: 'The response of the endpoint is not valid HTTP.',
  handshake: 'SSL handshake failed.',
  /** @param name as in RFC 8446 section 6: `handshake_failure` */
  alert: (name: string) => `SSL alert ${name}`,
} as const;

export const connected = (resolved: string | undefined): Outcome => ({ isHealthy: true, words: `Success: Connection established${resolvedBehind(resolved)}` }); // prettier-ignore

/** Before there is a status. @param resolved the address that a host name had */
export function failure(words: string, resolved: string | undefined): Outcome {
  return { isHealthy: false, words: `Failure: ${resolved === undefined ? '' : `Resolved IP: ${resolved}. `}${words}` };
}

/** 2xx and 3xx pass. @param reason as the endpoint wrote it */
export function statusOutcome(status: number, reason: string, resolved: string | undefined): Outcome {
  const isHealthy = status >= 200 && status < 400;
  return { isHealthy, words: `${isHealthy ? 'Success' : 'Failure'}: ${statusWords(status, reason)}${resolvedBehind(resolved)}` };
}

/** The status passes, and the string is not there. */
export function notFound(status: number, reason: string, resolved: string | undefined): Outcome {
  const words = `Failure: ${statusWords(status, reason)}. The search string was not found in the first 5120 bytes of the response body`;
  return { isHealthy: false, words: `${words}${resolvedBehind(resolved)}` };
}

const rcodeNames: Readonly<Record<number, string>> = { 1: 'FormErr', 2: 'ServFail', 3: 'NXDomain', 4: 'NotImp', 5: 'Refused' };

/** @param rcode of DNS; 0 where there is no record of type A, undefined where there was no answer in time */
export function unresolved(rcode: number | undefined): Outcome {
  const why = rcode === undefined ? ': Timed out' : rcode === 0 ? ': No answer' : `: Rcode ${rcodeNames[rcode] ?? 'Unknown'}(${rcode})`;
  return { isHealthy: false, words: `Failure: DNS resolution failed${why}` };
}

const resolvedBehind = (resolved: string | undefined): string => (resolved === undefined ? '' : `. Resolved IP: ${resolved}`);

const REASON_CHARACTERS_MAX = 100;

/** A reason phrase is anybody's bytes: what is no plain text is left out. */
function statusWords(status: number, reason: string): string {
  const plain = reason
    .slice(0, REASON_CHARACTERS_MAX)
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim();
  const phrase = plain === '' ? STATUS_CODES[status] : plain;
  return `HTTP Status Code ${status}${phrase === undefined ? '' : `, ${phrase}`}`;
}
