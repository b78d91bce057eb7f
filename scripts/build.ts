/** Builds dist/: the services' models, and one bundle that runs without node_modules. Options: --schemas-only, --clean. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { rolldown, type OutputChunk } from 'rolldown';
import { buildSchemas } from './schemas.ts';
import { licensesOf } from './licenses.ts';

const root = join(import.meta.dirname, '..');

/** What is started by itself. */
const programs = {
  keiro: join(root, 'src', 'cli', 'main.ts'),
  fabric: join(root, 'src', 'dataplane', 'fabric', 'main.ts'),
  node: join(root, 'src', 'dataplane', 'node', 'main.ts'),
  balancer: join(root, 'src', 'dataplane', 'balancer', 'main.ts'),
} as const;

/** A server that still runs from an older build loads its chunks lazily, so those are kept for a while. Milliseconds. */
const oldChunksKeptMs = 24 * 60 * 60 * 1000;

/**
 * The file that is started. It is apart from the bundle because imports run before the code of their file: only so is
 * V8's code cache on before the bundle is compiled. It is flushed early because a killed server would never write it.
 */
const startFile = (mainChunk: string): string => `/** Starts a program of Keiro from the bundle, with V8's code cache beside it. */
import { enableCompileCache, flushCompileCache } from 'node:module';
enableCompileCache(import.meta.dirname + '/.cache');
await import('./lib/${mainChunk}');
setTimeout(flushCompileCache, 2_000).unref();
`;

/** Bundles entry files. Chunk names carry a hash of their content, so that two builds never mix. */
export async function bundle(inputs: Readonly<Record<string, string>>): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: { ...inputs },
    platform: 'node',
    // Warnings are findings here, except for packages' own circular imports.
    onLog(level, log, standard) {
      if (level === 'warn' && log.code !== 'CIRCULAR_DEPENDENCY') standard('error', log);
      else standard(level, log);
    },
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      sourcemap: false,
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
    });
    return output.filter((file) => file.type === 'chunk');
  } finally {
    await build.close();
  }
}

/** A file is there whole or not at all, whoever else builds or runs at the same time. */
function writeWhole(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

/** Writes the bundle of the programs, by name, to `outDir`. Returns the number of chunks. */
export async function writeBundle(inputs: Readonly<Record<string, string>>, outDir: string, clean: boolean): Promise<number> {
  const chunks = await bundle(inputs);
  const lib = join(outDir, 'lib');
  mkdirSync(lib, { recursive: true });
  for (const chunk of chunks) writeWhole(join(lib, chunk.fileName), chunk.code);
  for (const name of Object.keys(inputs)) {
    const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
    if (!entry) throw new Error(`no entry chunk for ${name}`);
    writeWhole(join(outDir, `${name}.js`), startFile(entry.fileName));
  }
  writeWhole(join(outDir, 'licenses.txt'), licensesOf(chunks.flatMap((chunk) => chunk.moduleIds)));
  const current = new Set(chunks.map((chunk) => chunk.fileName));
  for (const name of readdirSync(lib)) {
    const old = Date.now() - (statSync(join(lib, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) > oldChunksKeptMs;
    if (!current.has(name) && (clean || old)) rmSync(join(lib, name), { force: true });
  }
  if (clean) rmSync(join(outDir, '.cache'), { recursive: true, force: true });
  return chunks.length;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'schemas-only': { type: 'boolean' }, clean: { type: 'boolean' } } });
  const dist = join(root, 'dist');
  buildSchemas(join(dist, 'schemas'));
  if (!values['schemas-only']) await writeBundle(programs, dist, values.clean === true);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    // What rolldown says of a mistake in the sources is in its message; its stack is of no use.
    console.error(error instanceof Error && 'errors' in error ? error.message : error);
    process.exitCode = 1;
  }
}
