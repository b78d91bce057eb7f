/** `keiro connect`: standard input and output over a TCP connection from Keiro's internet, e.g. as ssh's ProxyCommand. */
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Complaint } from '#cli/complaint.ts';
import { dialerOf } from '#cli/dial.ts';
import { formatEndpoint, parseEndpoint } from '#cli/endpoint.ts';
import type { LocateOptions } from '#cli/locate.ts';

export async function connect(address: string, port: string | undefined, options: LocateOptions): Promise<void> {
  const to = parseEndpoint(address, port);
  const socket = await (await dialerOf(options))(to);
  await overStandardStreams(socket, formatEndpoint(to));
}

/** Each direction ends by itself, and the command when both have. */
async function overStandardStreams(socket: Socket, name: string): Promise<void> {
  const { stdin, stdout } = process;
  let failure: Complaint | undefined;
  socket.once('error', (error) => (failure = new Complaint(`${name}: ${error.message}`)));
  stdout.once('error', () => socket.destroy()); // nobody reads any more
  const written = new Promise<void>((resolve) => {
    socket.once('end', () => {
      stdout.write('', () => {
        if (!stdout.isTTY) closeSync(1); // process.stdout.end() would leave it open, and whoever reads waiting
        resolve();
      });
      // A program that feeds a pipe may have more to say; a person at a terminal has seen the end.
      if (stdin.isTTY) socket.end();
    });
    socket.once('close', (broken) => void (broken && resolve()));
    stdout.once('error', () => resolve());
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  stdin.pipe(socket);
  socket.pipe(stdout, { end: false });
  await Promise.all([written, closed]);
  stdin.destroy();
  if (failure) throw failure;
}
