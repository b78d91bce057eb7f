/** The fabric's life: as root and as an ordinary user, found again when control comes back, nothing left when it ends. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveTopology } from '#model/live-topology.ts';
import { group, sample } from '#test/network/sample-network.ts';
import { detectCapability } from '../../src/dataplane/fabric/capability.ts';
import { compile } from '../../src/dataplane/fabric/compile.ts';
import { FabricError } from '../../src/dataplane/fabric/conversation.ts';
import { findStateFabric, startStateFabric, type StateFabric } from './state-fabric.ts';
import { chainOf } from '../../src/dataplane/fabric/nftables.ts';
import { NOTHING } from '../../src/dataplane/fabric/kernel-state.ts';
import { enterFabric } from './laboratory.ts';
import { worldsOf } from './worlds.ts';

let folder: string;
let socket: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keiro-fabric-'));
  socket = join(folder, 'fabric');
});
afterEach(async () => {
  await (await findStateFabric(socket))?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program in one of the fabric's namespaces. */
function within(fabric: StateFabric, namespace: string, ...command: string[]): string {
  return execFileSync('nsenter', [...enterFabric(fabric), 'nsenter', `--net=/run/netns/${namespace}`, ...command], { encoding: 'utf8' });
}

/** All that the kernel holds of ours, in words. */
function dump(fabric: StateFabric): string {
  const script = `for name in $(ls /run/netns); do echo "== $name"; nsenter --net=/run/netns/$name sh -c '
    ip -br -4 address | sed "s/@[^ ]*//" | sort; ip -br -6 address show scope global | sed "s/@[^ ]*//" | sort
    ip -4 route show table all | sort; ip -6 route show table all | grep -v " proto kernel" | sort; ip rule | sort; ip -6 rule | sort
    ip neigh show nud permanent | sort; nft -s list ruleset'; done`;
  const text = execFileSync('nsenter', [...enterFabric(fabric), 'sh', '-c', script], { encoding: 'utf8' });
  return text.replaceAll(/ +/g, ' ').replace(/^table .*? \{\n(.*?)^\}/gms, (_, body: string) =>
    body
      .split(/^\t\}\n/m)
      .map(inOrder)
      .sort()
      .join('\n'),
  );
}

/** A set, map or chain with its elements in order: the kernel lists them as they came. */
function inOrder(block: string): string {
  return block.replace(/elements = \{(.*?)\}/gs, (_, elements: string) => elements.split(',').map((one) => one.trim()).sort().join('\n')).trim(); // prettier-ignore
}

const hostDevices = (): string => readFileSync('/proc/net/dev', 'utf8').replace(/[\d\s]+$/gm, '');
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('applying', () => {
  it('twice changes nothing, and one change touches only what it must', async () => {
    const fabric = await startStateFabric(socket);
    const state = compile(sample());
    expect(await fabric.apply(state)).toMatchObject({ changed: state.namespaces.length, links: state.links.length });
    expect(await fabric.apply(state)).toMatchObject({ changed: 0, links: 0 });
    const before = dump(fabric);
    expect(await fabric.apply(compile(sample(group('sg-open'))))).toMatchObject({ changed: 1, links: 0 });
    expect(dump(fabric)).not.toBe(before);
    expect(await fabric.apply(state)).toMatchObject({ changed: 1, links: 0 });
    expect(dump(fabric)).toBe(before);
  });

  it('one world over another gives what the other gives alone', async () => {
    const fabric = await startStateFabric(socket);
    const states = worldsOf(7, 10).map(({ parts }) => compile(new LiveTopology(parts)));
    const alone: string[] = [];
    for (const state of states) {
      await fabric.apply(NOTHING);
      await fabric.apply(state);
      alone.push(dump(fabric));
    }
    for (const [at, state] of states.entries()) {
      await fabric.apply(state);
      expect(dump(fabric), `world ${at} over world ${(at + states.length - 1) % states.length}`).toBe(alone[at]);
    }
  });

  it('what the kernel refuses is told, and the next state is applied all the same', async () => {
    const fabric = await startStateFabric(socket);
    const state = compile(sample());
    const [router, ...rest] = state.namespaces;
    const broken = { ...state, namespaces: [{ ...router!, ruleset: [chainOf('forwarding', ['nonsense'])] }, ...rest] }; // the sample has a router
    await expect(fabric.apply(broken)).rejects.toThrow(FabricError);
    await expect(fabric.apply(broken)).rejects.toThrow(/the kernel refused: .*nonsense/s);
    await fabric.apply(state);
    const recovered = dump(fabric);
    await fabric.apply(NOTHING);
    await fabric.apply(state);
    expect(recovered).toBe(dump(fabric));
  });
});

describe('control and fabric', () => {
  it('control finds the fabric again, with what was in force', async () => {
    const first = await startStateFabric(socket);
    const state = compile(sample());
    await first.apply(state);
    first.disconnect();
    const second = await startStateFabric(socket);
    expect(second.pid).toBe(first.pid);
    expect(await second.status()).toMatchObject({ version: state.version, namespaces: state.namespaces.length });
    expect(await second.apply(state)).toMatchObject({ changed: 0, links: 0 });
  });

  it('when the fabric ends, nothing is left on the host', async () => {
    const before = hostDevices();
    const fabric = await startStateFabric(socket);
    await fabric.apply(compile(sample()));
    expect(hostDevices()).toBe(before); // the host sees nothing of it
    expect(isRunning(fabric.pid)).toBe(true);
    await fabric.stop();
    await expect.poll(() => isRunning(fabric.pid), { timeout: 5_000 }).toBe(false);
    expect(hostDevices()).toBe(before);
    expect(await findStateFabric(socket)).toBeUndefined();
    await expect(fabric.status()).rejects.toThrow('the fabric has ended');
  });

  it('a fabric that was killed is started anew over what it left', async () => {
    const first = await startStateFabric(socket);
    await first.apply(compile(sample()));
    process.kill(first.pid, 'SIGKILL');
    await expect.poll(() => isRunning(first.pid), { timeout: 5_000 }).toBe(false);
    const second = await startStateFabric(socket);
    expect(second.pid).not.toBe(first.pid);
    expect(await second.apply(compile(sample()))).toMatchObject({ changed: compile(sample()).namespaces.length });
  });

  it('its socket is its owner’s alone', async () => {
    await startStateFabric(socket);
    expect(execFileSync('stat', ['-c', '%a', socket], { encoding: 'utf8' }).trim()).toBe('600');
  });
});

describe('real programs', () => {
  it('a TCP conversation goes from a private host through the NAT gateway to a server on the internet', async () => {
    const fabric = await startStateFabric(socket);
    await fabric.apply(compile(sample()));
    within(fabric, 'internet', 'ip', 'address', 'add', '198.51.100.7/32', 'dev', 'lo');
    const script = fileURLToPath(new URL('conversation.py', import.meta.url));
    const talk = execFileSync('nsenter', [...enterFabric(fabric), 'python3', script, 'internet', '198.51.100.7', 'host-eni-app'], {
      encoding: 'utf8',
    });
    expect(talk.trim()).toBe('server saw 203.0.113.5, client heard hello');
  });
});

describe('capability', () => {
  it('this machine has all that is needed', async () => {
    expect(await detectCapability()).toEqual({ isAvailable: true });
  });

  it.runIf(process.getuid?.() === 0)('an ordinary user builds, probes and ends a fabric', () => {
    const script = fileURLToPath(new URL('as-user.ts', import.meta.url));
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const run = spawnSync('setpriv', [...user, process.execPath, script], {
      encoding: 'utf8',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent' },
    });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({ uid: 65_534, capability: { isAvailable: true }, differences: [], probes: 3 });
  });
});
