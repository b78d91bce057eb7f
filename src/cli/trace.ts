/** `keiro trace`: whether a packet would arrive, and which rule decides; the server knows. */
import { Complaint } from '#cli/complaint.ts';
import { requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import type { TraceView } from '#services/ec2/public.ts';

export interface TraceOptions {
  /** Of the destination. */
  readonly port?: number;
  readonly sourcePort?: number;
  readonly protocol: string;
  readonly ipv6?: boolean;
  readonly account?: string;
  readonly region?: string;
  readonly serverPort?: number;
  readonly data?: string;
  readonly json?: boolean;
}

/** The packet does not arrive. */
const lost = 1;
/** There is no verdict: so that a script never takes a missing server for a closed port. */
const unknown = 2;

export async function trace(from: string, to: string, options: TraceOptions): Promise<void> {
  try {
    const view = await ask(from, to, options);
    if (!view.isDelivered) process.exitCode = lost;
    print(options.json, view, () => inWords(view));
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    process.stderr.write(`keiro: ${error.message}\n`);
    process.exitCode = unknown;
  }
}

async function ask(from: string, to: string, options: TraceOptions): Promise<TraceView> {
  const { serverPort, data } = options;
  const { endpoint } = await requireServer(
    { ...(serverPort === undefined ? {} : { port: serverPort }), ...(data === undefined ? {} : { data }) },
    '--server-port',
  );
  const given: Record<string, string | undefined> = {
    from,
    to,
    protocol: options.protocol,
    port: options.port?.toString(),
    'source-port': options.sourcePort?.toString(),
    ipv6: options.ipv6 ? 'true' : undefined,
    account: options.account ?? accountOf(process.env['AWS_ACCESS_KEY_ID']),
    region: options.region ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || undefined),
  };
  const query = new URLSearchParams(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const response = await fetch(`${endpoint}/_keiro/trace?${query.toString()}`);
  const answer = readJson(await response.text());
  if (response.ok) return answer as TraceView; // what the page gives
  const message = typeof answer === 'object' && answer && 'message' in answer ? String(answer.message) : undefined;
  throw new Complaint(message ?? `the server answered ${response.status}: its log says more.`);
}

/** Undefined for what is no JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `keiro env` puts the account there. */
function accountOf(accessKeyId: string | undefined): string | undefined {
  return accessKeyId !== undefined && /^\d{12}$/.test(accessKeyId) ? accessKeyId : undefined;
}

function inWords({ explanation, outcome, decidedBy, advice, flow, forward, return: back }: TraceView): string {
  const { source, destination, protocol, sourcePort, destinationPort } = flow;
  const end = (address: string, port: number | undefined): string =>
    port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return [
    `${protocol} ${end(source, sourcePort)} → ${end(destination, destinationPort)}: ${outcome}`,
    explanation,
    `Decided by: ${decidedBy.text}`,
    ...(decidedBy.candidates && decidedBy.candidates.length > 1 ? [`  (nor does any of ${decidedBy.candidates.slice(1).join(', ')})`] : []),
    ...numbered('There', forward),
    ...numbered('Back', back),
    ...(advice.length > 0 ? ['', 'What would help', ...advice.map((line) => `  ${line}`)] : []),
  ].join('\n');
}

function numbered(title: string, hops: TraceView['forward']): string[] {
  if (hops.length === 0) return [];
  const width = `${hops.length}`.length;
  return ['', title, ...hops.map(({ text, action }, at) => `  ${`${at + 1}`.padStart(width)}  ${action === 'drop' ? '✗ ' : ''}${text}`)];
}
