/** The fabric's process: started in namespaces of its own by `startFabric`, it keeps the kernel equal to what it is told last. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { Applier, runShell } from './apply.ts';
import { lineReader, PROTOCOL, type Answer, type Request, type Status } from './messages.ts';
import { NAMESPACES } from './script.ts';

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) throw new Error('usage: main.ts SOCKET');

const applier = new Applier(runShell);
const pid = Number(readlinkSync('/proc/self')); // /proc is still the host's, so is the number

function status(): Status {
  const { version, namespaces, links } = applier.state;
  return { protocol: PROTOCOL, pid, version, namespaces: namespaces.length, links: links.length };
}

async function answer(request: Request): Promise<Answer> {
  switch (request.do) {
    case 'apply':
      return { id: request.id, report: await applier.apply(request.state) };
    case 'status':
    case 'stop':
      return { id: request.id, status: status() };
  }
}

function serve(socket: Socket): void {
  const say = (value: Answer): boolean => socket.write(`${JSON.stringify(value)}\n`);
  const onLine = lineReader((line) => {
    const request = JSON.parse(line) as Request; // only who owns the socket speaks here
    answer(request).then(
      (value) => (request.do === 'stop' ? socket.end(`${JSON.stringify(value)}\n`, () => process.exit(0)) : say(value)),
      (error: unknown) => say({ id: request.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  socket
    .setEncoding('utf8')
    .on('data', onLine)
    .on('error', () => socket.destroy()); // control has gone; what is in force stays so
}

/** A place for namespaces' names that no one else sees; what is mounted here ends with this process. */
function prepare(): void {
  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'pipe' });
  mount('-t', 'tmpfs', 'keiro', '/run');
  mkdirSync(NAMESPACES, { recursive: true });
  try {
    mount('-t', 'proc', 'proc', '/proc');
  } catch {
    // Some containers keep it from us; the host's /proc still shows this network namespace's settings.
  }
}

rmSync(socketPath, { force: true }); // the starter has made sure that nobody answers there
process.umask(0o177);
const server = createServer(serve);
server.listen(socketPath, () => {
  process.umask(0o022);
  try {
    prepare();
    process.stdout.write('ready\n');
  } catch (error) {
    process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
  }
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0)); // the first process of a pid namespace ignores them otherwise
