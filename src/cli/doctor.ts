/** `keiro doctor`: what this machine lets Keiro do, and what to do about the rest. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { dataDirectory, defaultPort, findServer, type LocateOptions } from '#cli/locate.ts';
import { isPortFree } from '#cli/port.ts';
import { print } from '#cli/print.ts';

export interface Finding {
  readonly what: string;
  readonly on: boolean;
  /** What it is for. */
  readonly for: string;
  /** What to do when it is off. */
  readonly advice?: string;
}

/** Programs of the host, what they are for, and the Debian package that has them. */
const programs: readonly (readonly [name: string, use: string, packageName: string])[] = [
  ['aws', "AWS's command line, to talk to Keiro", 'awscli'],
  ['unshare', 'namespaces, for packets that really move', 'util-linux'],
  ['ip', 'links and routes of the fabric', 'iproute2'],
  ['nft', 'security groups, network ACLs and NAT in the fabric', 'nftables'],
  ['bwrap', "instances' sandboxes", 'bubblewrap'],
  ['sshd', 'ssh into instances', 'openssh-server'],
];

export async function doctor(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const findings = [...platform(), ...(await server(options)), ...programs.map(program), ...awsVersion(), namespaces()];
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

function program([name, use, packageName]: (typeof programs)[number]): Finding {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const on = path.split(':').some((folder) => folder !== '' && existsSync(`${folder}/${name}`));
  return { what: name, on, for: use, advice: `sudo apt-get install -y ${packageName}` };
}

/** Older versions of `aws` would take what is meant for Keiro to AWS (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). */
function awsVersion(): Finding[] {
  const [text, major, minor] =
    /aws-cli\/(\d+)\.(\d+)\.\d+/.exec(spawnSync('aws', ['--version'], { encoding: 'utf8', timeout: 5_000 }).stdout ?? '') ?? [];
  if (text === undefined) return [];
  return [
    {
      what: `${text} and AWS_ENDPOINT_URL`,
      on: Number(major) === 1 ? Number(minor) >= 29 : Number(minor) >= 13,
      for: "'keiro env' points aws here by this variable",
      advice: 'this version ignores it: say aws --endpoint-url "$AWS_ENDPOINT_URL", or install 2.13 or newer',
    },
  ];
}

/** Asks the kernel itself: whether this user may make the namespaces of the fabric. */
function namespaces(): Finding {
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', 'true'], { timeout: 5_000 });
  return {
    what: 'namespaces without root',
    on: tried.status === 0,
    for: 'packets as an ordinary user',
    advice:
      'allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or run as root',
  };
}
