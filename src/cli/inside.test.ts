import { describe, expect, it } from 'vitest';
import { entrance } from '#cli/inside.ts';

const waiting = ['sh', '-c', 'trap : INT QUIT; "$@"; exit $?', 'keiro'];
const fabric = ['--preserve-credentials', '--no-fork', '--target=42', '--user', '--mount', '--net', '--pid', ...waiting];

describe('entrance', () => {
  it('to the internet: into the fabric, then into the namespace', () => {
    expect(entrance(42, { kind: 'internet' }, ['dig', 'a b'])).toEqual({
      command: 'nsenter',
      args: [...fabric, 'nsenter', '--net=/run/netns/internet', 'dig', 'a b'],
      depth: 1,
    });
  });

  it('to an instance: into the fabric, then into all that its first process has of its own', () => {
    const { args, depth } = entrance(42, { kind: 'instance', pid: 7 }, ['id']);
    expect(args.slice(0, fabric.length + 2)).toEqual([...fabric, 'sh', '-c']);
    expect(args.slice(fabric.length + 3)).toEqual(['keiro', '7', ...waiting, 'id']);
    expect(depth).toBe(2);
  });
});
