/** What aliases out of a zone lead to, in tests. */
import { parseIp, type Ip } from '#model/ip.ts';

const ip = (text: string): Ip => parseIp(text)!; // literals

export const world: ReadonlyMap<string, readonly Ip[]> = new Map([['lb.example.net', [ip('198.18.0.9'), ip('2001:db8::9')]]]);
