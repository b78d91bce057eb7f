/** Control groups over folders that stand for the kernel's: version 1 by controller, version 2 by the nearest folder that passes controllers on. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlGroups } from './control-groups.ts';

let mount: string;
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'keiro-groups-'));
});
afterEach(() => rmSync(mount, { recursive: true, force: true }));

const limits = { memoryBytes: 1_000, processes: 10 };
/** A folder with files as the kernel makes them. */
function group(path: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(mount, path), { recursive: true });
  for (const [name, text] of Object.entries({ 'cgroup.procs': '', ...files })) writeFileSync(join(mount, path, name), text);
}
const read = (path: string): string => readFileSync(join(mount, path), 'utf8');

describe('version 1', () => {
  const membership = '4:memory:/session\n8:pids:/\n1:cpu,cpuacct:/elsewhere\n0::/\n';

  it('makes a group for each controller, below its own or where that cannot be seen at the top', () => {
    for (const path of ['memory', 'memory/session', 'pids', 'cpu']) group(path, {});
    const groups = ControlGroups.open({ limits, pid: 7, mount, membership });
    expect(groups.limitsMemory).toBe(true);
    for (const [top, file] of [['memory/session', 'memory.limit_in_bytes'], ['pids', 'pids.max'], ['cpu', 'cpu.shares']] as const) group(`${top}/keiro-7/i-1`, { [file]: '' }); // prettier-ignore
    groups.admit('i-1', 4_321);
    expect(read('memory/session/keiro-7/i-1/cgroup.procs')).toBe('4321');
    expect(read('memory/session/keiro-7/i-1/memory.limit_in_bytes')).toBe('1000');
    expect(read('pids/keiro-7/i-1/pids.max')).toBe('10');
    expect(read('cpu/keiro-7/i-1/cgroup.procs')).toBe('4321');
  });

  it('sweeps up what is empty of others, and takes its own away', () => {
    group('memory', {});
    for (const left of ['keiro-5/i-1', 'keiro-5/i-2', 'keiro-6']) mkdirSync(join(mount, 'memory', left), { recursive: true });
    group('memory/keiro-8/i-3', {}); // somebody lives there: a folder with files cannot be removed either
    mkdirSync(join(mount, 'memory/other'));
    const groups = ControlGroups.open({ limits, pid: 7, mount, membership: '4:memory:/\n' });
    for (const [name, isThere] of [['keiro-5', false], ['keiro-6', false], ['keiro-7', true], ['keiro-8/i-3', true], ['other', true]] as const) expect([name, existsSync(join(mount, 'memory', name))]).toEqual([name, isThere]); // prettier-ignore
    groups.close();
    expect(existsSync(join(mount, 'memory/keiro-7'))).toBe(false);
  });
});

describe('version 2', () => {
  const membership = '0::/user.slice/terminal.scope\n';

  it('takes the nearest folder upwards that passes memory on', () => {
    group('', { 'cgroup.controllers': 'memory pids', 'cgroup.subtree_control': 'memory' });
    group('user.slice', { 'cgroup.subtree_control': 'memory pids' });
    group('user.slice/terminal.scope', { 'cgroup.subtree_control': '' });
    group('user.slice/keiro-7', { 'cgroup.subtree_control': '.... memory pids' }); // a file is overwritten, the kernel's is added to
    const groups = ControlGroups.open({ limits, pid: 7, mount, membership });
    expect(groups.limitsMemory).toBe(true);
    group('user.slice/keiro-7/i-1', { 'memory.max': '', 'pids.max': '' });
    groups.admit('i-1', 99);
    expect(read('user.slice/keiro-7/i-1/cgroup.procs')).toBe('99');
    expect(read('user.slice/keiro-7/i-1/memory.max')).toBe('1000');
    expect(existsSync(join(mount, 'user.slice/terminal.scope/keiro-7'))).toBe(false);
  });
});

it('where there is none, nothing is limited and nothing fails', () => {
  const groups = ControlGroups.open({ limits, pid: 7, mount, membership: '0::/\n' });
  expect(groups.limitsMemory).toBe(false);
  groups.admit('i-1', 1);
  groups.dismiss('i-1');
  groups.close();
});
