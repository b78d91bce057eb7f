/** The process of a load balancer's node, started in the node's namespace: told what is wanted over its channel, it tells what it sees. Or all on the host. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { AccessLogs } from './access-logs.ts';
import { hostBalancers } from './host/balancer-host.ts';
import type { BalancerHostSettings } from './host/messages.ts';
import { LoadBalancerNode } from './node.ts';
import type { BalancerMessage, BalancerSettings, BalancerWord } from './public.ts';

/** Milliseconds that another process may take to begin before this one ends all the same. */
const SUCCESSOR_MS = 5_000;
/** Milliseconds that requests have to end when the process is asked to. */
const GRACE_MS = 60_000;

/** Connections that wait to be accepted go to another process that listens there when this one ends (Linux 5.14). */
function handOverWaiting(): void {
  try {
    writeFileSync('/proc/sys/net/ipv4/tcp_migrate_req', '1');
  } catch {
    // An older kernel: they are reset.
  }
}

function main({ interfaceId, bucketFolder }: BalancerSettings): void {
  handOverWaiting();
  const say = (word: BalancerWord): void => void (process.connected && process.send?.(word));
  const fault = (error: unknown): void =>
    say({ say: 'fault', words: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.on('uncaughtException', fault); // bytes of strangers end no one else's connection
  process.on('unhandledRejection', fault);
  const node = new LoadBalancerNode({
    interfaceId,
    fault,
    logs: new AccessLogs(bucketFolder, fault),
    tellHealth: (targets) => say({ say: 'health', targets }),
  });
  let isReady = false;
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    void node.close(GRACE_MS).then(() => process.exit(0));
  };
  process.on('message', (message: BalancerMessage) => {
    if ('isReplaced' in message) return end();
    void node.update(message.balancer).then(() => {
      if (!isReady) say({ say: 'ready' });
      isReady = true;
    });
  });
  const leave = (): void => {
    say({ say: 'leaving' });
    setTimeout(end, SUCCESSOR_MS);
  };
  process.once('SIGTERM', leave).once('SIGINT', leave);
  process.on('disconnect', () => process.exit(0)); // the fabric has ended, and everything in it
}

const settings = JSON.parse(process.argv[2] ?? '{}') as BalancerSettings | BalancerHostSettings; // the fabric writes it, or control
if ('socketPath' in settings) await hostBalancers(settings);
else main(settings);
