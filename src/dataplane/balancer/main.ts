/** The process of a load balancer's node, started in the node's namespace: told what is wanted over its channel, it tells what it sees. */
import process from 'node:process';
import { AccessLogs } from './access-logs.ts';
import { LoadBalancerNode } from './node.ts';
import type { BalancerMessage, BalancerSettings, BalancerWord } from './public.ts';

/** Milliseconds that requests have to end when the process is asked to. */
const GRACE_MS = 60_000;

function main({ interfaceId, bucketFolder }: BalancerSettings): void {
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
  process.on('message', ({ balancer }: BalancerMessage) => {
    void node.update(balancer).then(() => {
      if (!isReady) say({ say: 'ready' });
      isReady = true;
    });
  });
  const leave = (): void => {
    say({ say: 'leaving' });
    void node.close(GRACE_MS).then(() => process.exit(0));
  };
  process.once('SIGTERM', leave).once('SIGINT', leave);
  process.on('disconnect', () => process.exit(0)); // the fabric has ended, and everything in it
}

main(JSON.parse(process.argv[2] ?? '{}') as BalancerSettings); // the fabric writes it
