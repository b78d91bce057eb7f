/** The fabric's process: started in namespaces of its own by `startFabric`, it keeps the kernel equal to what it is told last. */
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { World, type Holding, type HoldingKind, type Wanted } from '#model/world.ts';
import { serveSocket } from '#dataplane/process/serve.ts';
import { Applier, runShell } from './apply.ts';
import { BalancerProcesses } from './balancer-processes.ts';
import { Compiler } from './compile.ts';
import { closeInheritedFiles } from '#dataplane/sandbox/inherited-files.ts';
import { PROTOCOL, type FabricEvent, type Request, type Status } from './messages.ts';
import { NodeProcess } from './node-process.ts';
import { prepareNamespaces } from './prepare.ts';
import { Sandboxes } from './sandboxes.ts';
import type { FabricSettings } from './settings.ts';
import { Turns } from './turns.ts';

const [socketPath, settingsText = '{}'] = process.argv.slice(2);
if (socketPath === undefined) throw new Error('usage: fabric SOCKET [SETTINGS]');
const settings = JSON.parse(settingsText) as FabricSettings; // control writes it

/** Whether nftables can compare what TCP carries (Linux 6.2): tried in the fabric's own network, which nobody uses. */
async function looksIntoPackets(): Promise<boolean> {
  const trial =
    'add table inet trial; add chain inet trial t; add rule inet trial t tcp dport 80 @ih,0,32 1 accept; delete table inet trial';
  return (await runShell(`nft '${trial}' >/dev/null 2>&1 && echo yes`)).includes('yes');
}

/** The host's authorities and one more; where programs of the host look for them is the sandbox's business. */
function trustBundle(extra: string): string {
  const hosts = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'].find((path) =>
    existsSync(path),
  );
  return [hosts, extra].map((path) => (path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '')).join('\n');
}

const nameKinds: ReadonlySet<HoldingKind> = new Set(['hostedZone', 'zoneName', 'registeredDomain']);
const namesIn = ({ holdings, goneHoldings }: Wanted): boolean =>
  holdings.some(({ kind }) => nameKinds.has(kind)) || goneHoldings.some(([kind]) => nameKinds.has(kind));
const isWorkload = ({ kind }: Holding): boolean => kind === 'workload';

async function main(socket: string): Promise<void> {
  closeInheritedFiles();
  const pid = prepareNamespaces();
  const told: ((event: FabricEvent) => void)[] = [];
  const tell = (event: FabricEvent): void => told.forEach((one) => one(event));
  const world = new World();
  const hasTwoUsers = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n').length > 1;
  const { topology, workloads } = world;
  const sandboxes = new Sandboxes({ run: runShell, topology, workloads, settings, uid: hasTwoUsers ? 1 : 0, pid, tell });
  if (settings.trustFile !== undefined) sandboxes.trust(trustBundle(settings.trustFile));
  const compiler = new Compiler(topology, workloads, {
    looksIntoPackets: await looksIntoPackets(),
    isOutbound: settings.isOutbound === true,
  });
  const applier = new Applier(runShell, sandboxes);
  const node = new NodeProcess({ settings, world, tell });
  const balancers = new BalancerProcesses({
    world,
    bucketFolder: settings.bucketFolder,
    tell: (event) => {
      if (event.event === 'health') node.see(event);
      tell(event);
    },
  });
  const turns = new Turns(async () => {
    balancers.retire();
    const report = await applier.apply(compiler.compile());
    node.start(); // its namespace is there now
    balancers.follow(applier.state);
    return report;
  });

  const want = async (wanted: Wanted) => {
    for (const { before, after } of world.take(wanted)) compiler.touch(before, after);
    if (wanted.holdings.some(isWorkload) || wanted.goneHoldings.some(([kind]) => kind === 'workload')) compiler.touchWorkloads();
    const answered = node.tell(wanted);
    const report = await turns.next();
    if (namesIn(wanted)) await answered; // who changes records waits for that
    const instances = new Set(wanted.instances);
    if (wanted.isWhole || instances.size > 0) await sandboxes.forget((id) => instances.has(id) !== wanted.isWhole);
    return report;
  };
  const status = (): Status => {
    const { version, namespaces, links } = applier.state;
    return { protocol: PROTOCOL, pid, version, namespaces: namespaces.length, links: links.length };
  };
  const answer = async (request: Request): Promise<object> => {
    const { id } = request;
    switch (request.do) {
      case 'want':
        return { id, report: await want(request.wanted) };
      case 'find':
        return { id, found: sandboxes.found(request.instance) };
      case 'status':
        return { id, status: status() };
      case 'stop':
        await sandboxes.close();
        setTimeout(() => process.exit(0), 20); // the answer leaves first
        return { id, status: status() };
    }
  };
  const served = await serveSocket(
    socket,
    async (request) => answer(request as Request), // what control asks
    (say) => {
      for (const event of [...sandboxes.history(), ...balancers.history(), ...node.history()]) say(event);
    },
  );
  told.push((event) => served.tell(event));
  process.stdout.write('ready\n');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0)); // the first process of a pid namespace ignores them otherwise
try {
  await main(socketPath);
} catch (error) {
  process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
}
