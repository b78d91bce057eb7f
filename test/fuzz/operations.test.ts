/** Every operation with inputs that callers could send, in sequences: no 5xx, answers that the SDK reads, records that hold together. */
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
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

/** How far ahead the server's clock is: what lasts a while ends between two calls. */
let laterMs = 0;
const leapsMs = [2, 61 * 60_000, 25 * 3_600_000, 8 * 24 * 3_600_000] as const;
const realNow = Date.now.bind(Date);
vi.spyOn(Date, 'now').mockImplementation(() => realNow() + laterMs);
afterAll(() => void vi.restoreAllMocks());

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
  const accounts = [keiro.freshAccount(), keiro.freshAccount()] as const;
  const [owner, partner] = accounts.map((account) => ({ account, connection: api.connect(keiro, account) }));
  if (!owner || !partner) throw new Error('two accounts have two callers');
  const told: string[] = [];
  try {
    await buildWorld(api.service, owner.connection.call);
    for (const [operation, seed] of calls) {
      const choices = new Choices(seed);
      if (choices.once(25)) laterMs += choices.of(leapsMs);
      const who = choices.once(8) ? partner : owner;
      const known = records.knownTo(choices.once(3) ? owner.account : who.account);
      const manner = choices.once(3) ? careless : sane;
      const input = drawInput({ choices, model: api.model, known, operation, manner, accounts });
      const faults = await faultsOfCall(api, who.connection.call, operation, input, told, succeeded);
      if (faults.length > 0) throw new Error([...told, ...faults].join('\n'));
    }
    for (const account of accounts) {
      const found = violations(keiro.store.reader({ account, region: 'eu-west-1' }), Date.now());
      if (found.length > 0) throw new Error([...told, ...found].join('\n'));
    }
  } finally {
    laterMs = 0;
    for (const { connection } of [owner, partner]) connection.close();
  }
}

async function faultsOfCall(
  api: Api,
  call: Call,
  operation: string,
  input: Values,
  told: string[],
  succeeded: Set<string>,
): Promise<string[]> {
  const startMs = performance.now();
  const outcome = await call(operation, input);
  const tookMs = performance.now() - startMs;
  told.push(`${operation} ${brief(input)} → ${outcome.code ?? 'done'} ${outcome.message ?? ''}`);
  const faults = outcome.output ? faultsOf(api.model, operation, outcome.output, textsOf(input)) : [];
  const isRefused = outcome.status === 501 && outcome.code === 'NotImplemented'; // an option that is not there yet
  if (outcome.status >= 500 && !isRefused) faults.push(`${operation} answered ${outcome.status}`);
  if (tookMs > longestCallMs) faults.push(`${operation} took ${Math.round(tookMs)} ms`);
  if (outcome.output) succeeded.add(operation);
  return faults;
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
