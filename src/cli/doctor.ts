/** `keiro doctor`: what this machine lets Keiro do, and what to do about the rest. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { dataDirectory, defaultPort, findServer, type LocateOptions } from '#cli/locate.ts';
import { isPortFree } from '#cli/port.ts';
import { print } from '#cli/print.ts';
import { detectCapability, hostPrograms, installAdvice, missingPrograms } from '#dataplane/fabric/capability.ts';

export interface Finding {
  readonly what: string;
  readonly on: boolean;
  /** What it is for. */
  readonly for: string;
  /** What to do when it is off. */
  readonly advice?: string;
}

export async function doctor(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const findings = [...platform(), ...(await server(options)), ...aws(), ...(await packets())];
  print(options.json, findings, () =>
    findings
      .map(
        (finding) =>
          `${finding.on ? 'on ' : 'off'}  ${finding.what}: ${finding.for}${finding.on || !finding.advice ? '' : `\n       ${finding.advice}`}`,
      )
      .join('\n'),
  );
}

function platform(): readonly Finding[] {
  const major = Number(process.versions.node.split('.')[0]);
  return [
    {
      what: `Node.js ${process.versions.node}`,
      on: major >= 24,
      for: 'runs Keiro',
      advice: "run 'npm ci' in Keiro's folder: it brings Node.js 24",
    },
    {
      what: `Linux`,
      on: process.platform === 'linux',
      for: 'packets; elsewhere Keiro has the API, DNS, balancers and gateways',
      advice: 'use a Linux machine for packets',
    },
  ];
}

async function server(options: LocateOptions): Promise<readonly Finding[]> {
  const { endpoint, health } = await findServer(options);
  const directory = dataDirectory(options);
  const data: Finding = {
    what: `data directory ${directory}`,
    on: isWritable(directory),
    for: "keeps Keiro's records",
    advice: 'make it writable for this user, or choose another with --data',
  };
  if (health) return [{ what: `Keiro ${health.version} at ${endpoint}`, on: true, for: 'answers' }, data];
  const port = options.port ?? defaultPort;
  const free = await isPortFree('127.0.0.1', port);
  return [
    { what: `port ${port}`, on: free, for: "Keiro's port", advice: 'something else listens there: choose another with --port' },
    data,
  ];
}

function isWritable(directory: string): boolean {
  let existing = directory;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return statSync(existing).isDirectory();
  } catch {
    return false;
  }
}

/** Older versions of `aws` would take what is meant for Keiro to AWS (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). */
function aws(): Finding[] {
  const asked = spawnSync('aws', ['--version'], { encoding: 'utf8', timeout: 5_000 });
  const found = {
    what: 'aws',
    on: !isAbsent(asked.error),
    for: "AWS's command line, to talk to Keiro",
    advice: 'sudo apt-get install -y awscli',
  };
  const [text, major, minor] = /aws-cli\/(\d+)\.(\d+)\.\d+/.exec(asked.stdout ?? '') ?? [];
  if (text === undefined) return [found];
  return [
    found,
    {
      what: `${text} and AWS_ENDPOINT_URL`,
      on: Number(major) === 1 ? Number(minor) >= 29 : Number(minor) >= 13,
      for: "'keiro env' points aws here by this variable",
      advice: 'this version ignores it: say aws --endpoint-url "$AWS_ENDPOINT_URL", or install 2.13 or newer',
    },
  ];
}

/** Not there, rather than slow. */
function isAbsent(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && error.code === 'ENOENT';
}

/** What the fabric says of this machine, tried where it cannot be known otherwise. */
async function packets(): Promise<Finding[]> {
  const missing = missingPrograms();
  const programs = hostPrograms.map((one) => ({
    what: one.command,
    on: !missing.includes(one),
    for: one.isNeeded ? one.use : `${one.use} (the rest works without)`,
    advice: installAdvice([one]),
  }));
  const whole = { what: 'packets', for: "instances, and programs on Keiro's internet, as this user" };
  const found = await detectCapability();
  if (found.isAvailable) return [...programs, { ...whole, on: true }];
  return [...programs, { ...whole, on: false, advice: `${found.reason}: ${found.advice}` }];
}
