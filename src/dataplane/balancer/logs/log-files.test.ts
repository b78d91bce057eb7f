import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFiles, type LogFilesOptions } from '#dataplane/balancer/logs/log-files.ts';
import { logKey, testFileKey } from '#dataplane/balancer/logs/log-names.ts';

const APPLICATION = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/my-loadbalancer/1234567890abcdef';
const place = { prefix: 'a/b', balancerId: APPLICATION, nodeAddress: '10.0.0.10' };
const END_MS = Date.UTC(2016, 4, 1, 23, 40);

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keiro-logs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function filesOf(options: Partial<LogFilesOptions> = {}): { files: LogFiles; errors: unknown[] } {
  const errors: unknown[] = [];
  return { files: new LogFiles({ ...place, folder, onError: (error) => errors.push(error), ...options }), errors };
}

/** Keys, and what is in them. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    found[path.slice(folder.length + 1)] = entry.name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  }
  return found;
}

describe('names', () => {
  it.each([
    [
      'of an application load balancer',
      place,
      'a/b/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2016/05/01/123456789012_elasticloadbalancing_us-east-2_app.my-loadbalancer.1234567890abcdef_20160501T2340Z_10.0.0.10_20sg8hgm.log.gz',
    ],
    [
      'of a network load balancer',
      { ...place, prefix: '', balancerId: APPLICATION.replace('/app/', '/net/') },
      'AWSLogs/123456789012/elasticloadbalancing/us-east-2/2016/05/01/123456789012_elasticloadbalancing_us-east-2_net.my-loadbalancer.1234567890abcdef_20160501T2340Z_20sg8hgm.log.gz',
    ],
  ])('%s are AWS’s', (_, where, key) => {
    expect(logKey(where, END_MS, '20sg8hgm')).toBe(key);
  });

  it('do not lead out of the folder', () => {
    expect(testFileKey({ ...place, prefix: '../../x/./' })).toBe('x/AWSLogs/123456789012/ELBAccessLogTestFile');
  });
});

describe('files', () => {
  it('hold the lines of an interval, named by its end', async () => {
    const { files, errors } = filesOf({ nowMs: () => END_MS - 1000 });
    for (let line = 0; line < 10_000; line++) files.append(`line ${line}`);
    await files.close();
    const key = Object.keys(await contents()).find((name) => name.endsWith('.gz')) ?? '';
    expect(key).toMatch(/_20160501T2340Z_10\.0\.0\.10_[0-9a-z]{8}\.log\.gz$/);
    expect((await contents())[key]?.split('\n')).toEqual([...Array.from({ length: 10_000 }, (_, line) => `line ${line}`), '']);
    expect([errors, files.dropped]).toEqual([[], 0]);
  });

  it('begin anew with each interval', async () => {
    const { files } = filesOf({ intervalMs: 50 });
    files.append('one');
    await new Promise((resolve) => setTimeout(resolve, 120));
    files.append('two');
    await files.close();
    const texts = Object.entries(await contents()).flatMap(([key, text]) => (key.endsWith('.gz') ? [text] : []));
    expect(texts.sort()).toEqual(['one\n', 'two\n']);
  });

  it('are none without requests, but for the one by which AWS tries', async () => {
    const { files } = filesOf({ nowMs: () => END_MS });
    await files.close();
    expect(await contents()).toEqual({
      'a/b/AWSLogs/123456789012/ELBAccessLogTestFile':
        'Enable AccessLog for ELB: app/my-loadbalancer/1234567890abcdef at 2016-05-01T23:40:00.000Z',
    });
  });

  it('end with their lines lost when the disk refuses, and nothing else', async () => {
    await writeFile(join(folder, 'a'), 'in the way');
    const { files, errors } = filesOf({ intervalMs: 60_000 });
    files.append('lost');
    await new Promise((resolve) => setTimeout(resolve, 50));
    files.append('dropped');
    await files.close();
    files.append('late');
    expect(errors).toHaveLength(2);
    expect(files.dropped).toBe(2);
    expect(await contents()).toEqual({ a: 'in the way' });
  });

  it('take no more memory than they may while the disk is behind', async () => {
    const { files } = filesOf({ maxWaitingBytes: 100_000 });
    for (let line = 0; line < 5000; line++) files.append('x'.repeat(99));
    await files.close();
    expect(files.dropped).toBeGreaterThan(3000);
    expect(files.dropped).toBeLessThan(5000);
  });

  it('are for their owner only', async () => {
    const { files } = filesOf();
    files.append('one');
    await files.close();
    const paths = Object.keys(await contents());
    const modes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
  });
});
