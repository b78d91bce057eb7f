/** Run by lifecycle.test.ts as an ordinary user: a fabric is built, three packets sent, and what came of it printed. */
import process from 'node:process';
import { tcpFlow } from '#model/flow.ts';
import { ip, sample } from '#test/network/sample-network.ts';
import { detectCapability } from '../../src/dataplane/fabric/capability.ts';
import { experiment } from './experiment.ts';
import { Laboratory } from './laboratory.ts';

const flows = [
  ['eni-web', '10.0.0.10', '10.0.1.10'],
  ['eni-app', '10.0.1.10', '198.51.100.7'],
  ['eni-adm', '10.0.0.11', '198.51.100.7'],
] as const;
const capability = await detectCapability();
const laboratory = await Laboratory.open();
const starts = flows.map(([id, source, destination]) => ({
  flow: tcpFlow(ip(source), ip(destination), 443),
  from: { kind: 'interface', id } as const,
}));
const { differences, probes } = await experiment(laboratory, [...sample().parts()], starts);
await laboratory.close();
process.stdout.write(JSON.stringify({ uid: process.getuid?.(), capability, differences: differences.map(({ words }) => words), probes }));
