/** The test projects: units beside the code, and whole-system tests by kind. Run one with `--project`. */
import { defineConfig } from 'vitest/config';

/** Whole-system tests start servers, the aws CLI and Python: seconds, not milliseconds. */
function system(name: string, testTimeout: number) {
  return {
    extends: true as const, // vitest's own literal type
    test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
  };
}

/** Its files one after the other, and after all other projects: each fills the machine by itself, and minds how fast things go. */
function oneByOne(project: ReturnType<typeof system>) {
  return { ...project, test: { ...project.test, fileParallelism: false, sequence: { groupOrder: 1 } } };
}

export default defineConfig({
  test: {
    // Processes, not threads: tests change environment variables and send signals.
    pool: 'forks',
    // A focused test left behind must not pass for the whole.
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'], testTimeout: 10_000 },
      },
      system('tidy', 20_000),
      system('wire', 60_000),
      system('network', 60_000),
      system('sdk', 60_000),
      system('cli', 120_000),
      system('fuzz', 120_000),
      system('crash', 180_000),
      system('packets', 180_000),
      oneByOne(system('fabric', 120_000)),
    ],
  },
});
