/** Holds every import of src/ against the table of rooms, and the table against planted violations. */
import { describe, expect, it } from 'vitest';
import { borders, checkImports, roomCycles, roomOf } from '#test/tidy/borders.ts';
import { importsOf } from '#test/tidy/imports.ts';
import { filesLike } from '#test/tidy/repository.ts';

const sources = filesLike(/^src\/.*\.[cm]?[jt]sx?$/);

describe('the source keeps the borders', () => {
  it('in every file', () => {
    const found = [...sources].flatMap(([path, source]) => checkImports(path, source));
    expect(found.map(({ path, line, what }) => `${path}:${line}: ${what}`)).toEqual([]);
  });

  it('and no rooms import each other in a ring', () => {
    expect(roomCycles(sources)).toEqual([]);
  });

  it('and files that really import each other were looked at', () => {
    const crossings = [...sources].flatMap(([path, source]) => importsOf(path, source).filter(({ target }) => target.startsWith('#')));
    expect(crossings.length).toBeGreaterThan(20);
    expect(new Set([...sources.keys()].map(roomOf)).size).toBeGreaterThan(4);
  });
});

describe('a planted violation is found', () => {
  const planted: readonly [path: string, source: string, what: string][] = [
    ['src/model/a.ts', `import { walk } from '#engine/walk.ts';`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `import { walk } from '../engine/walk.ts';`, '../engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `import type { Walk } from '#engine/walk.ts';`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `export * from '#engine/walk.ts';`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `export { walk } from '#engine/walk.ts';`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `const { walk } = await import('#engine/walk.ts');`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `type Walk = import('#engine/walk.ts').Walk;`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `const { walk } = require('#engine/walk.ts');`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.test.ts', `import { walk } from '#engine/walk.ts';`, '#engine/walk.ts: model may not import engine'],
    ['src/model/a.ts', `import\n{ readFileSync }\nfrom\n"node:fs"`, `node:fs: model may not import Node's modules`],
    ['src/model/a.ts', `import fc from 'fast-check';`, 'fast-check: model may not import the package fast-check'],
    ['src/engine/a.ts', `import { x } from '#aws/context.ts';`, '#aws/context.ts: engine may not import aws'],
    [
      'src/protocol/a.ts',
      `import { ec2 } from '#services/ec2/service.ts';`,
      '#services/ec2/service.ts: protocol may not import services/ec2',
    ],
    ['src/store/a.ts', `import { AwsError } from '#protocol/aws-error.ts';`, '#protocol/aws-error.ts: store may not import protocol'],
    ['src/aws/a.ts', `import { vpcs } from '#services/ec2/public.ts';`, '#services/ec2/public.ts: aws may not import services/ec2'],
    [
      'src/services/iam/a.ts',
      `import { vpcs } from '#services/ec2/vpcs/vpcs.ts';`,
      '#services/ec2/vpcs/vpcs.ts: services/iam may import only public.ts of services/ec2',
    ],
    ['src/services/iam/a.ts', `import { listen } from '#server/listener.ts';`, '#server/listener.ts: services/iam may not import server'],
    [
      'src/services/ec2/a.ts',
      `import { EC2Client } from '@aws-sdk/client-ec2';`,
      '@aws-sdk/client-ec2: only types may come from @aws-sdk/client-ec2',
    ],
    [
      'src/services/ec2/a.ts',
      `import { type Vpc, EC2Client } from '@aws-sdk/client-ec2';`,
      '@aws-sdk/client-ec2: only types may come from @aws-sdk/client-ec2',
    ],
    ['src/services/ec2/a.ts', `import pino from 'pino';`, 'pino: services/ec2 may not import the package pino'],
    ['src/server/a.ts', `import express from 'express';`, 'express: server may not import the package express'],
    ['src/server/a.ts', 'const name = "x"; await import(`#services/${name}/service.ts`);', '?: a computed import cannot be checked'],
    [
      'src/dataplane/dns/a.ts',
      `import { x } from '#dataplane/fabric/x.ts';`,
      '#dataplane/fabric/x.ts: dataplane/dns may not import dataplane/fabric',
    ],
    [
      'src/reconcile/a.ts',
      `import { x } from '#services/ec2/vpcs/vpcs.ts';`,
      '#services/ec2/vpcs/vpcs.ts: reconcile may import only public.ts of services/ec2',
    ],
    ['src/attic/a.ts', '', 'in no room of the table'],
    ['src/services/a.ts', '', 'in no room of the table'],
  ];

  it.each(planted)('in %s: %s', (path, source, what) => {
    expect(checkImports(path, source).map((finding) => finding.what)).toEqual([what]);
  });

  it('with its line', () => {
    expect(checkImports('src/model/a.ts', `/** A file. */\n\nimport { x } from '#store/x.ts';\n`)).toEqual([
      { path: 'src/model/a.ts', line: 3, what: '#store/x.ts: model may not import store' },
    ]);
  });

  it('as a ring of rooms', () => {
    const ring = new Map([
      ['src/server/a.ts', `import { x } from '#cli/x.ts';`],
      ['src/cli/b.ts', `import type { Y } from '#server/y.ts';`],
      ['src/model/c.ts', ''],
    ]);
    expect(roomCycles(ring)).toEqual(['server → cli → server']);
  });
});

describe('what is allowed passes', () => {
  const allowed: readonly [path: string, source: string][] = [
    ['src/engine/a.ts', `import { Ip } from '#model/ip.ts';`],
    ['src/services/ec2/a.ts', `import type { Vpc } from '@aws-sdk/client-ec2'; import { type Subnet } from '@aws-sdk/client-ec2';`],
    ['src/services/ec2/a.ts', `type Sdk = typeof import('@aws-sdk/client-ec2');`],
    ['src/services/ec2/a.ts', `import { filter } from '#aws/filters.ts'; import { generateKeyPairSync } from 'node:crypto';`],
    ['src/services/iam/a.ts', `import { vpcs } from '#services/ec2/public.ts';`],
    ['src/model/a.ts', `// import { walk } from '#engine/walk.ts';\nexport const text = "import { x } from '#engine/walk.ts'";`],
    ['src/model/a.test.ts', `import fc from 'fast-check'; import { expect } from 'vitest';`],
    ['src/server/a.ts', `import pino from 'pino'; const { ec2 } = await import('#services/ec2/service.ts');`],
  ];

  it.each(allowed)('in %s: %s', (path, source) => {
    expect(checkImports(path, source)).toEqual([]);
  });
});

it('the table names every room once, and only rooms', () => {
  for (const [name, { rooms, publicOf }] of Object.entries(borders)) {
    for (const room of [...rooms, ...(publicOf ?? [])]) {
      const isKnown = room === '*' || room === 'dataplane' || borders[room] !== undefined;
      expect(isKnown, `${name} names ${room}`).toBe(true);
    }
  }
});
