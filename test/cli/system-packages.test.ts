/** `scripts/system-packages.js` on a Debian whose apt-get only pretends: what is installed, for whom, and what is said where it cannot be. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { beforeEach, expect, it } from 'vitest';
import { root, temporaryDirectory } from '#test/cli/keiro-process.ts';

const aptGet = `echo "$@" SYSTEMD_OFFLINE=$SYSTEMD_OFFLINE >> "$CALLS"
[ -z "$APT_FAILS" ] || { echo no network >&2; exit 100; }
[ "$1" = update ] || for name in bwrap unshare mount; do cp "$BIN/ip" "$BIN/$name"; done`;

let bin: string;
let calls: string;
beforeEach(() => {
  const folder = temporaryDirectory();
  bin = join(folder, 'bin');
  calls = join(folder, 'calls');
  mkdirSync(bin);
  // Those of /usr/sbin are found wherever PATH leads.
  for (const [name, script] of Object.entries({ ip: '', nft: '', sshd: '', cp: 'exec /bin/cp "$@"', 'apt-get': aptGet }))
    pretend(name, script);
});

function pretend(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

function bringForPackets(uid: number, more: Readonly<Record<string, string>> = {}) {
  const code = `
    process.getuid = () => ${uid};
    const { bringForPackets } = await import(${JSON.stringify(join(root, 'scripts', 'system-packages.js'))});
    console.log(JSON.stringify(bringForPackets((line) => console.error(line)) ?? null));`;
  const env = { PATH: bin, BIN: bin, CALLS: calls, ...more };
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' });
  return { answer: JSON.parse(run.stdout) as string | null, said: run.stderr }; // what the code above prints
}

const called = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
const install = 'apt-get update && apt-get install -y --no-install-recommends bubblewrap util-linux mount';

it('says and does nothing when all is there', () => {
  for (const name of ['bwrap', 'unshare', 'mount']) pretend(name, '');
  expect([bringForPackets(0), called()]).toEqual([{ answer: null, said: '' }, []]);
});

it('installs what is missing as root, in one line, and starts no server that comes with it', () => {
  const said = 'installing what packets need: bubblewrap util-linux mount (apt-get) …\n';
  expect(bringForPackets(0)).toEqual({ answer: null, said });
  expect(called()).toEqual([
    'update -qq SYSTEMD_OFFLINE=1',
    'install -y -qq --no-install-recommends bubblewrap util-linux mount SYSTEMD_OFFLINE=1',
  ]);
});

it('tells others the one command', () => {
  const answer = `packets need the bwrap command, the unshare command, the mount command. Run: sudo sh -c '${install}'`;
  expect([bringForPackets(1000), called()]).toEqual([{ answer, said: '' }, []]);
});

it('says what apt-get said when it fails', () => {
  const { answer, said } = bringForPackets(0, { APT_FAILS: '1' });
  expect(answer).toBe(`apt-get could not install bubblewrap util-linux mount. Run yourself: ${install}`);
  expect(said).toContain('no network');
});
