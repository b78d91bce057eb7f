/** The answers that the load balancer gives by itself, with AWS's words. */

/** Reasons as AWS words them. */
const REASONS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  408: 'Request Time-out',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
};

/** What the load balancer calls itself. */
export const SERVER = 'awselb/2.0';

export function reasonPhrase(status: number): string {
  return REASONS[status] ?? '';
}

/** An answer's parts, whatever protocol it goes out by. */
export interface OwnAnswer {
  readonly status: number;
  /** '' for no body without a type. */
  readonly contentType: string;
  readonly body: Buffer;
  readonly location?: string;
}

const pages = new Map<number, OwnAnswer>();

/** The page that AWS shows for a status. */
export function pageOf(status: number): OwnAnswer {
  let page = pages.get(status);
  if (!page) {
    const title = `${status} ${reasonPhrase(status)}`.trimEnd();
    const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
    page = { status, contentType: 'text/html', body: Buffer.from(body) };
    pages.set(status, page);
  }
  return page;
}

/** ALB user guide, "Redirect actions". */
export function redirectTo(status: 301 | 302, location: string): OwnAnswer {
  return { ...pageOf(status), location };
}

let dateSecond = 0;
let dateText = '';

/** The time now, as `Date` tells it. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/** The head of an answer to an HTTP/1 client. */
export function ownHead(answer: OwnAnswer, keepsAlive: boolean, cookies: readonly string[]): string {
  const { status, contentType, body, location } = answer;
  return (
    `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nServer: ${SERVER}\r\nDate: ${httpDate()}\r\n` +
    (contentType === '' ? '' : `Content-Type: ${contentType}\r\n`) +
    (status === 204 ? '' : `Content-Length: ${body.length}\r\n`) +
    (keepsAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n') +
    (location === undefined ? '' : `Location: ${location}\r\n`) +
    cookies.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join('') +
    '\r\n'
  );
}
