/** What every call that changes something does alike: `DryRun` foretells and leaves no trace, a client token makes it happen once. */
import { afterAll, describe, expect, test } from 'vitest';
import { type Api, type Call, implementedApis, type Outcome, type Values } from '#test/fuzz/api.ts';
import { followRecords } from '#test/fuzz/known.ts';
import { drawInput, sane } from '#test/fuzz/plausible-inputs.ts';
import { buildWorld } from '#test/fuzz/world.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { Choices } from '#test/wire/schema-values.ts';

const keiro = await useKeiro({ quotas: 'off', logLevel: 'error' });
const apis = await implementedApis();
const records = followRecords(keiro.store);
afterAll(() => records.stop());

/** Inputs that are tried until one is taken. */
const tries = 200;
/** Operations that need more than an account with a network: their own tests cover them. This list may only shrink. */
const outOfReach: ReadonlySet<string> = new Set([
  'AcceptAddressTransfer', // another account's offer
  'CreateDefaultSubnet', // no default subnet
  'CreateDefaultVpc', // no default VPC
  'DisableVgwRoutePropagation', // a virtual private gateway
  'EnableVgwRoutePropagation', // the same
]);

const mismatch = {
  code: 'IdempotentParameterMismatch',
  message:
    'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
};

interface Trial {
  readonly call: Call;
  readonly operation: string;
  readonly takesDryRun: boolean;
  readonly tokenMember: string | undefined;
  readonly draw: () => Values;
}

const shared = (api: Api) =>
  api.operations.filter((operation) => takesDryRun(api, operation) || tokenMemberOf(api, operation) !== undefined);

describe.each(apis.filter((api) => shared(api).length > 0))('$service', (api) => {
  test.each(shared(api))('%s', async (operation) => {
    const account = keiro.freshAccount();
    const connection = api.connect(keiro, account);
    try {
      await buildWorld(api.service, connection.call);
      let drawn = 0;
      const reached = await untilTaken({
        call: connection.call,
        operation,
        takesDryRun: takesDryRun(api, operation),
        tokenMember: tokenMemberOf(api, operation),
        draw: () =>
          drawInput({ choices: new Choices(drawn++), model: api.model, known: records.knownTo(account), operation, manner: sane }),
      });
      if (!outOfReach.has(operation)) expect(reached, `an input that ${operation} takes, among ${tries}`).toBe(true);
    } finally {
      connection.close();
    }
  });
});

function takesDryRun({ model }: Api, operation: string): boolean {
  return model.operation(operation)?.input?.members.some((member) => member.name === 'DryRun') === true;
}

function tokenMemberOf({ model }: Api, operation: string): string | undefined {
  const members = model.operation(operation)?.input?.members ?? [];
  return members.find((member) => member.traits.idempotencyToken === 1 || member.name === 'ClientToken')?.name;
}

async function untilTaken(trial: Trial): Promise<boolean> {
  const token = `token-of-${trial.operation}`;
  for (let count = 0; count < tries; count++) {
    const input = trial.draw();
    const foretold = trial.takesDryRun ? await dryRun(trial, input) : undefined;
    // The token of the calls that were refused before: a refusal must not use it up.
    const given = trial.tokenMember === undefined ? input : { ...input, [trial.tokenMember]: token };
    const outcome = await trial.call(trial.operation, given);
    expect(outcome.code).not.toBe(mismatch.code);
    if (foretold) expect([trial.operation, input, expectedOf(foretold)]).toEqual([trial.operation, input, expectedOf(outcome)]);
    if (outcome.output === undefined) continue;
    if (trial.tokenMember !== undefined) await repeat(trial, given, outcome.output);
    return true;
  }
  return false;
}

const wouldSucceed = 'DryRunOperation: Request would have succeeded, but DryRun flag is set.';

function expectedOf({ code, message, output }: Outcome): string {
  return output ? wouldSucceed : `${code}: ${message}`;
}

async function dryRun({ call, operation }: Trial, input: Values): Promise<Outcome> {
  const before = keiro.store.version;
  const outcome = await call(operation, { ...input, DryRun: true });
  expect(keiro.store.version, 'commits').toBe(before);
  expect(outcome.output).toBeUndefined();
  if (outcome.code === 'DryRunOperation') expect(outcome.status).toBe(412);
  return outcome;
}

async function repeat(trial: Trial, given: Values, output: Values): Promise<void> {
  const before = keiro.store.version;
  const again = await trial.call(trial.operation, given);
  expect(again.output, 'the same answer').toEqual(output);
  const other = { ...given, ...differently(trial, given) };
  expect(await trial.call(trial.operation, other)).toMatchObject(mismatch);
  expect(keiro.store.version, 'commits').toBe(before);
}

/** Another input of the same operation, with the token of the first. */
function differently(trial: Trial, given: Values): Values {
  const { [trial.tokenMember ?? '']: token, ...rest } = given;
  for (let count = 0; count < tries; count++) {
    const drawn = trial.draw();
    if (JSON.stringify(drawn) !== JSON.stringify(rest)) return { ...blank(rest), ...drawn, [trial.tokenMember ?? '']: token };
  }
  throw new Error(`${trial.operation} has but one input`);
}

function blank(input: Values): Values {
  return Object.fromEntries(Object.keys(input).map((name) => [name, undefined]));
}
