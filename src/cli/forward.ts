/** `keiro forward`: ports of this machine that lead to addresses on Keiro's internet. */
import { createServer, type Server, type Socket } from 'node:net';
import { Complaint } from '#cli/complaint.ts';
import { type Dial, dialerOf } from '#cli/dial.ts';
import { formatEndpoint, type Forward, parseForward } from '#cli/endpoint.ts';
import type { LocateOptions } from '#cli/locate.ts';

/** More at a time on one port are refused. */
const maxConnections = 1_000;

export async function forward(texts: readonly string[], options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const asked = texts.map(parseForward);
  const dial = await dialerOf(options);
  const servers: Server[] = [];
  const opened: Forward[] = [];
  try {
    for (const one of asked) {
      const server = relayServer(one, dial);
      servers.push(server);
      opened.push({ ...one, from: { ...one.from, port: await listen(server, one) } });
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  const words = opened.map(({ from, to }) => `${formatEndpoint(from)} → ${formatEndpoint(to)}`).join(', ');
  process.stdout.write(options.json ? `${JSON.stringify({ ready: true, forwards: opened })}\n` : `Forwarding ${words}. Ctrl-C ends it.\n`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
}

/** Answers with the port, which may have been chosen freely. */
function listen(server: Server, { from }: Forward): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Complaint(`${formatEndpoint(from)} cannot be listened on (${error.message}): choose another port.`)),
    );
    server.listen({ host: from.host, port: from.port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : from.port);
    });
  });
}

function relayServer({ to }: Forward, dial: Dial): Server {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    client.once('error', () => client.destroy());
    dial(to).then(
      (far) => relay(client, far),
      (error: unknown) => {
        process.stderr.write(`keiro: ${error instanceof Error ? error.message : String(error)}\n`);
        client.resetAndDestroy();
      },
    );
  });
  server.maxConnections = maxConnections;
  return server;
}

/** Both directions, each with its own end; when one side breaks, so does the other. */
function relay(client: Socket, far: Socket): void {
  far.once('error', () => far.destroy()).once('close', (broken) => void (broken && client.resetAndDestroy()));
  client.once('close', (broken) => void (broken && far.destroy()));
  if (client.destroyed) return void far.destroy();
  client.pipe(far);
  far.pipe(client);
}
