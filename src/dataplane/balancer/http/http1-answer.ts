/** The heads of targets' answers, as HTTP/1 clients get them. */
import type { ResponseHead } from '#dataplane/balancer/http/response-head.ts';

function cookieLines(cookies: readonly string[]): string {
  let lines = '';
  for (const cookie of cookies) lines += `Set-Cookie: ${cookie}\r\n`;
  return lines;
}

/** Framed anew: the length that the target told, or chunks. */
export function answerHead(head: ResponseHead, cookies: readonly string[], isChunked: boolean, keepsAlive: boolean): string {
  let text = head.statusLine + head.passedOn;
  if (head.toldLength >= 0) text += `Content-Length: ${head.toldLength}\r\n`;
  else if (isChunked) text += 'Transfer-Encoding: chunked\r\n';
  if (cookies.length > 0) text += cookieLines(cookies);
  return text + (keepsAlive ? 'Connection: keep-alive\r\n\r\n' : 'Connection: close\r\n\r\n');
}

/** After which the connection is no longer HTTP's. */
export function upgradeHead(head: ResponseHead, cookies: readonly string[]): string {
  return `${head.statusLine}${head.passedOn}Upgrade: ${head.upgrade}\r\nConnection: Upgrade\r\n${cookieLines(cookies)}\r\n`;
}
