/** The cookies by which clients stay with a target or a group: AWSALB, AWSALBTG and AWSALBAPP (ELB guide, "Sticky sessions"). */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import { cookieValue, setCookie } from '#dataplane/balancer/routing/cookie-lines.ts';
import type { CookieSeal } from '#dataplane/balancer/routing/cookie-seal.ts';

/** Browsers take 4 KB a cookie; AWS cuts its application cookie into at most four. */
const SHARD_CHARACTERS = 4000;
const SHARDS = 4;
/** What AWS writes into parts that are not needed (observed, not documented). */
const REMOVED = '_remove_';
/** Bounds the memory for values that are sealed already. */
const MOST_SEALED = 4096;

/** Where a client stays. */
export interface Stay {
  readonly groupId: string;
  readonly targetId: string;
  readonly port: number;
  readonly sinceSeconds: number;
}

export class StickyCookies {
  private readonly seal: CookieSeal;
  private sealedAtSeconds = 0;
  private readonly sealed = new Map<string, readonly string[]>();

  constructor(seal: CookieSeal) {
    this.seal = seal;
  }

  /** Where AWSALB says that this client stays, when that is in this group and not too long ago. */
  readTarget(request: RequestView, groupId: string, seconds: number, nowMs: number): Stay | undefined {
    const stay = this.readPair(request, 'AWSALB', parseStay);
    return stay?.groupId === groupId && isValid(stay.sinceSeconds, seconds, nowMs) ? stay : undefined;
  }

  writeTarget(groupId: string, targetId: string, port: number, nowMs: number): readonly string[] {
    const stay = formatStay({ groupId, targetId, port, sinceSeconds: secondsOf(nowMs) });
    return this.writePair('AWSALB', stay, nowMs);
  }

  /** The group that AWSALBTG names, when that is not too long ago. */
  readGroup(request: RequestView, seconds: number, nowMs: number): string | undefined {
    const stay = this.readPair(request, 'AWSALBTG', parseStay);
    return stay !== undefined && isValid(stay.sinceSeconds, seconds, nowMs) ? stay.groupId : undefined;
  }

  writeGroup(groupId: string, nowMs: number): readonly string[] {
    const stay = formatStay({ groupId, targetId: '', port: 0, sinceSeconds: secondsOf(nowMs) });
    return this.writePair('AWSALBTG', stay, nowMs);
  }

  /** What AWSALBAPP holds: a stay for each group that makes requests stick by the application's cookie. */
  readApplication(request: RequestView): readonly Stay[] {
    const lines = request.header('cookie');
    let value = '';
    for (let shard = 0; shard < SHARDS; shard++) {
      const part = cookieValue(lines, `AWSALBAPP-${shard}`);
      if (part === undefined || part === REMOVED) break;
      value += part;
    }
    const text = value === '' ? undefined : this.seal.open('AWSALBAPP', value);
    return text === undefined ? [] : text.split('\n').flatMap((line) => parseStay(line) ?? []);
  }

  writeApplication(stays: readonly Stay[], nowMs: number, isCrossSite: boolean): readonly string[] {
    const value = this.seal.seal('AWSALBAPP', stays.map(formatStay).join('\n'));
    return Array.from({ length: SHARDS }, (_, shard) => {
      const part = value.slice(shard * SHARD_CHARACTERS, (shard + 1) * SHARD_CHARACTERS);
      return setCookie(`AWSALBAPP-${shard}`, part === '' ? REMOVED : part, nowMs, isCrossSite && part !== '');
    });
  }

  private readPair<T>(request: RequestView, name: string, parse: (text: string) => T | undefined): T | undefined {
    const lines = request.header('cookie');
    for (const cookie of [name, `${name}CORS`]) {
      const value = cookieValue(lines, cookie);
      const text = value === undefined ? undefined : this.seal.open(name, value);
      const read = text === undefined ? undefined : parse(text);
      if (read !== undefined) return read;
    }
    return undefined;
  }

  /** The same for all clients of a target within a second: sealed once. */
  private writePair(name: string, text: string, nowMs: number): readonly string[] {
    const seconds = secondsOf(nowMs);
    if (seconds !== this.sealedAtSeconds || this.sealed.size >= MOST_SEALED) {
      this.sealedAtSeconds = seconds;
      this.sealed.clear();
    }
    const key = `${name} ${text}`;
    const known = this.sealed.get(key);
    if (known !== undefined) return known;
    const value = this.seal.seal(name, text);
    const cookies = [setCookie(name, value, nowMs, false), setCookie(`${name}CORS`, value, nowMs, true)];
    this.sealed.set(key, cookies);
    return cookies;
  }
}

/** Whether a stay that began then still holds. */
export function isValid(sinceSeconds: number, seconds: number, nowMs: number): boolean {
  return nowMs < (sinceSeconds + seconds) * 1000;
}

export const secondsOf = (nowMs: number): number => Math.floor(nowMs / 1000);

function formatStay({ groupId, targetId, port, sinceSeconds }: Stay): string {
  return `${sinceSeconds.toString(36)} ${port} ${targetId} ${groupId}`;
}

function parseStay(text: string): Stay | undefined {
  const [since, port, targetId, groupId] = text.split(' ');
  if (since === undefined || targetId === undefined || groupId === undefined) return undefined;
  return { groupId, targetId, port: Number(port), sinceSeconds: Number.parseInt(since, 36) };
}
