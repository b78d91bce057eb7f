/** Each room and each service says in 30 lines what it is, what it must not know and where to start reading. */
import { describe, expect, it } from 'vitest';
import { roomOf } from '#test/tidy/borders.ts';
import { filesLike, paths, read } from '#test/tidy/repository.ts';
import { faultsOfReadme, mostLines } from '#test/tidy/readmes.ts';

const rooms = new Set([...filesLike(/^src\/.*\.ts$/).keys()].map(roomOf).filter((room) => room !== undefined));
// The folder of all services is a place to read about too, as the folder of all data planes is.
for (const room of rooms) if (room.includes('/')) rooms.add(room.slice(0, room.indexOf('/')));

describe('the README of each room', () => {
  it('is looked for in many', () => {
    expect(rooms.size).toBeGreaterThan(4);
  });

  it.each([...rooms].sort())('src/%s', (room) => {
    const path = `src/${room}/README.md`;
    expect(paths, `${path} is missing`).toContain(path);
    expect(faultsOfReadme(read(path))).toEqual([]);
  });
});

describe('a planted fault is found', () => {
  const good = '# A\n\n## What it is\n\nA.\n\n## What it must not know\n\nB.\n\n## Start reading at\n\n`a.ts`\n';

  it.each([
    [good, []],
    ['# A\n\nWhat it is: A.\nWhat it must not know: B.\nStart reading at `a.ts`.\n', []],
    [good.replace('## What it must not know', '## Other'), ['no heading "What it must not know"']],
    [good.replace('# A\n', ''), ['no title']],
    [good.replace('B.', ''), ['nothing under "What it must not know"']],
    [good + '\n'.repeat(30), [`more than ${mostLines} lines`]],
  ])('%#', (text, faults) => {
    expect(faultsOfReadme(text)).toEqual(faults);
  });
});
