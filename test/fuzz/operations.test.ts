/** Every operation with inputs that callers could send, in sequences: no 5xx, answers that the SDK reads, records that hold together. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { faultsOf } from '#test/fuzz/answers.ts';
import { type Api, type Call, implementedApis, type Values } from '#test/fuzz/api.ts';
import { violations } from '#test/fuzz/invariants.ts';
import { followRecords } from '#test/fuzz/known.ts';
import { careless, drawInput, sane } from '#test/fuzz/plausible-inputs.ts';
import { buildWorld } from '#test/fuzz/world.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { Choices } from '#test/wire/schema-values.ts';

const seed = Number(process.env['KEIRO_FUZZ_SEED'] ?? Date.now() % 2_147_483_647);
const budgetMs = Number(process.env['KEIRO_FUZZ_MS'] ?? 10_000);
const longestCallMs = 3_000;
/** How many operations succeed at the least within the time, also on a slow machine. */
const fewestSucceeded = 20;

const keiro = await useKeiro({ logLevel: 'error' });
const apis = await implementedApis();
const operationCount = apis.reduce((sum, api) => sum + api.operations.length, 0);
const records = followRecords(keiro.store);
afterAll(() => records.stop());

describe(`sequences of calls, seed ${seed}`, () => {
  const succeeded = new Set<string>();

  test.each(apis)('of $service', async (api) => {
    const operations = weighed(api);
    const call = fc.tuple(fc.constantFrom(...operations), fc.integer());
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), (calls) => runCalls(api, calls, succeeded)),
      {
        seed,
        numRuns: 1_000_000,
        interruptAfterTimeLimit: (budgetMs * api.operations.length) / operationCount,
        markInterruptAsFailure: false,
      },
    );
  });

  test('reach more than refusals', () => {
    expect(succeeded.size).toBeGreaterThan(fewestSucceeded);
  });
});

type PickedCalls = readonly (readonly [operation: string, seed: number])[];

async function runCalls(api: Api, calls: PickedCalls, succeeded: Set<string>): Promise<void> {
  const account = keiro.freshAccount();
  const connection = api.connect(keiro, account);
  try {
    await runAs(account, connection.call, api, calls, succeeded);
  } finally {
    connection.close();
  }
}

async function runAs(account: string, call: Call, api: Api, calls: PickedCalls, succeeded: Set<string>): Promise<void> {
  await buildWorld(api.service, call);
  const told: string[] = [];
  for (const [operation, callSeed] of calls) {
    const choices = new Choices(callSeed);
    const manner = choices.once(3) ? careless : sane;
    const input = drawInput({ choices, model: api.model, known: records.knownTo(account), operation, manner });
    const startMs = performance.now();
    const outcome = await call(operation, input);
    const tookMs = performance.now() - startMs;
    told.push(`${operation} ${brief(input)} → ${outcome.code ?? 'done'} ${outcome.message ?? ''}`);
    const faults = outcome.output ? faultsOf(api.model, operation, outcome.output, textsOf(input)) : [];
    if (outcome.status >= 500) faults.push(`${operation} answered ${outcome.status}`);
    if (tookMs > longestCallMs) faults.push(`${operation} took ${Math.round(tookMs)} ms`);
    if (outcome.output) succeeded.add(operation);
    if (faults.length > 0) throw new Error([...told, ...faults].join('\n'));
  }
  const found = violations(keiro.store.reader({ account, region: 'eu-west-1' }), Date.now());
  if (found.length > 0) throw new Error([...told, ...found].join('\n'));
}

/** Calls that only look come once where the others come thrice. */
function weighed({ operations }: Api): readonly string[] {
  return operations.flatMap((operation) => (/^(?:Describe|Get|List)/.test(operation) ? [operation] : [operation, operation, operation]));
}

const longestTold = 600;

function brief(input: Values): string {
  const text = JSON.stringify(input);
  return text.length > longestTold ? `${text.slice(0, longestTold)}…` : text;
}

function textsOf(value: unknown, into: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') into.add(value);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) textsOf(one, into);
  return into;
}
