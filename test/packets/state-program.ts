/** A fabric's process that is told kernel states as they are, so that tests may spoil them. */
import process from 'node:process';
import { Applier, runShell } from '../../src/dataplane/fabric/apply.ts';
import type { KernelState } from '../../src/dataplane/fabric/kernel-state.ts';
import { PROTOCOL } from '../../src/dataplane/fabric/messages.ts';
import { prepareNamespaces } from '../../src/dataplane/fabric/prepare.ts';
import { serveSocket } from '../../src/dataplane/process/serve.ts';

type Request = { readonly id: number } & ({ readonly do: 'apply'; readonly state: KernelState } | { readonly do: 'status' | 'stop' });

const [socketPath = ''] = process.argv.slice(2);
const pid = prepareNamespaces();
const applier = new Applier(runShell);
await serveSocket(socketPath, async (asked) => {
  const request = asked as Request; // what state-fabric.ts asks
  const { id } = request;
  if (request.do === 'apply') return { id, report: await applier.apply(request.state) };
  if (request.do === 'stop') setTimeout(() => process.exit(0), 20); // the answer leaves first
  const { version, namespaces, links } = applier.state;
  return { id, status: { protocol: PROTOCOL, pid, version, namespaces: namespaces.length, links: links.length } };
});
process.stdout.write('ready\n');
