/** What every call that answers page by page does alike: whole lists, sizes within AWS's limits, no token but its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, type Call, type Connection, implementedApis, type Values } from '#test/fuzz/api.ts';
import { followRecords } from '#test/fuzz/known.ts';
import { drawInput, sane } from '#test/fuzz/plausible-inputs.ts';
import { buildCrowd } from '#test/sdk/crowd.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { pageSizesOf } from '#test/sdk/page-sizes.ts';
import { Choices } from '#test/wire/schema-values.ts';

const keiro = await useKeiro({ quotas: 'off', logLevel: 'error' });
const apis = await implementedApis();
const records = followRecords(keiro.store);
afterAll(() => records.stop());

/** Calls whose lists are empty or short in any account that can be made by now. This list may only shrink. */
const alwaysShort: ReadonlySet<string> = new Set([
  'DescribePrefixLists', // AWS's own, two
  'DescribeStaleSecurityGroups', // needs peering
  'DescribeParameters', // the account's own: Keiro has AWS's public ones alone
  'ListAccountAliases', // an account has one
]);
/** What a token that is not the call's own is refused with, by service. */
const staleCodes: Readonly<Record<string, string>> = {
  acm: 'InvalidArgsException',
  ec2: 'InvalidPaginationToken',
  iam: 'ValidationError',
  'service-quotas': 'InvalidPaginationTokenException',
  ssm: 'InvalidNextToken',
};
const tries = 60;
const mostPages = 8;

interface Paged {
  readonly operation: string;
  /** `MaxResults` or `MaxItems`. */
  readonly size: string;
  /** `NextToken` or `Marker`, in the input and in the output. */
  readonly token: string;
  /** The members of the output that hold the list. */
  readonly lists: readonly string[];
}

/** Services whose tokens have these names on both sides and are opaque; Route 53's are names and ids, Cognito's are tested with its nouns. */
const alike = apis.filter((api) => staleCodes[api.service] !== undefined && pagedCalls(api).length > 0);

describe.each(alike)('$service', (api) => {
  let account: string;
  let connection: Connection | undefined;
  const call: Call = (operation, input) => (connection ? connection.call(operation, input) : Promise.reject(new Error('not connected')));
  const begin = async (): Promise<void> => {
    connection?.close();
    account = keiro.freshAccount();
    connection = api.connect(keiro, account);
    await buildCrowd(api.service, connection.call);
  };
  beforeAll(begin);
  afterAll(() => connection?.close());

  const draw = (operation: string, seed: number): Values =>
    drawInput({ choices: new Choices(seed), model: api.model, known: records.knownTo(account), operation, manner: sane });

  const ask = async (paged: Paged, input: Values): Promise<Values> => {
    const { output, code, message } = await call(paged.operation, input);
    if (output === undefined) throw new Error(`${paged.operation} ${JSON.stringify(input)}: ${code} ${message}`);
    return output;
  };

  /** Every page, the pages after the first asked for after `between`. */
  const readAll = async (paged: Paged, input: Values, between: () => Promise<void> = async () => undefined): Promise<unknown[]> => {
    const output = await ask(paged, input);
    const token = output[paged.token];
    if (token === undefined) return itemsOf(paged, output);
    await between();
    return [...itemsOf(paged, output), ...(await readAll(paged, { ...input, [paged.token]: token }, between))];
  };

  /** An input with a list that is longer than the smallest page; undefined when none is found. */
  const crowdedInput = async (paged: Paged): Promise<Values | undefined> => {
    const least = pageSizesOf(api.service, paged.operation).min ?? 5;
    for (let seed = 0; seed < tries; seed++) {
      const input = seed === 0 ? onlyRequired(api, paged.operation, draw(paged.operation, seed)) : draw(paged.operation, seed);
      const { output } = await call(paged.operation, input);
      if (output && (output[paged.token] !== undefined || itemsOf(paged, output).length > least)) return input;
    }
    return undefined;
  };

  test.each(pagedCalls(api))('$operation', async (paged) => {
    const input = await crowdedInput(paged);
    if (alwaysShort.has(paged.operation)) return expect(input).toBeUndefined();
    if (!input) throw new Error(`no input among ${tries} gave more than a page`);
    const sizes = pageSizesOf(api.service, paged.operation);
    const { min = 5, max } = sizes;
    const whole = await readAll(paged, input);

    expect(sorted(await readAll(paged, { ...input, [paged.size]: shareOf(whole, min) }))).toEqual(sorted(whole));
    expect(await readAll(paged, { ...input, [paged.size]: max ?? 1000 })).toHaveLength(whole.length);
    const first = await ask(paged, { ...input, [paged.size]: min });
    expect(itemsOf(paged, first)).toHaveLength(min);

    const refused = async (changed: Values): Promise<string> => (await call(paged.operation, { ...input, ...changed })).code ?? 'done';
    if (sizes.min !== undefined)
      expect(await refused({ [paged.size]: min - 1 })).toMatch(/^(?:InvalidParameterValue|Validation(?:Error|Exception))$/);
    expect(await refused({ [paged.size]: (max ?? 1000) + 1 })).toMatch(
      max === undefined ? /^done$/ : /^(?:InvalidParameterValue|Validation(?:Error|Exception))$/,
    );
    for (const wrong of ['garbage', 'Z2FyYmFnZQ==', `A${String(first[paged.token])}`]) {
      expect([wrong, await refused({ [paged.token]: wrong })]).toEqual([wrong, staleCodes[api.service]]);
    }
    if ('Filters' in input || hasFilters(api, paged.operation)) {
      const Filters = [{ Name: 'tag-key', Values: ['nobody'] }];
      expect(await refused({ [paged.size]: min, [paged.token]: first[paged.token], Filters })).toBe(staleCodes[api.service]);
    }
  });

  test('no call takes the token of another', async () => {
    const tokens: [string, unknown][] = [];
    for (const paged of pagedCalls(api)) {
      const input = alwaysShort.has(paged.operation) ? undefined : await crowdedInput(paged);
      const { min = 5 } = pageSizesOf(api.service, paged.operation);
      if (input) tokens.push([paged.operation, (await ask(paged, { ...input, [paged.size]: min }))[paged.token]]);
    }
    const taken: string[] = [];
    for (const paged of pagedCalls(api)) {
      const input = onlyRequired(api, paged.operation, draw(paged.operation, 0));
      for (const [operation, token] of tokens) {
        if (operation === paged.operation) continue;
        const { code } = await call(paged.operation, { ...input, [paged.token]: token });
        if (code === undefined) taken.push(`${paged.operation} took the token of ${operation}`);
      }
    }
    expect(taken).toEqual([]);
  });

  test.each(pagedCalls(api))('$operation misses and repeats nothing while others change things', async (paged) => {
    if (alwaysShort.has(paged.operation)) return;
    let input = await crowdedInput(paged);
    if (!input) {
      await begin(); // earlier tests have changed too much
      input = await crowdedInput(paged);
    }
    if (!input) throw new Error(`no input among ${tries} gave more than a page`);
    const changes = api.operations.filter((operation) => /^(?:Create|Delete|Allocate|Release|Run|Authorize|Revoke|Put)/.test(operation));
    const isThere = await readAll(paged, input);
    const size = { [paged.size]: shareOf(isThere, pageSizesOf(api.service, paged.operation).min ?? 5) };
    let stable = new Set(isThere.map(keyOf));
    let seed = 0;
    const given = await readAll(paged, { ...input, ...size }, async () => {
      for (let count = 0; count < 3 && changes.length > 0; count++) {
        const choices = new Choices(seed++);
        const operation = choices.of(changes);
        await call(operation, draw(operation, seed++));
        const now = new Set((await readAll(paged, input)).map(keyOf));
        stable = new Set([...stable].filter((key) => now.has(key)));
      }
    });
    const keys = given.map(keyOf);
    expect(keys.filter((key, index) => keys.indexOf(key) < index)).toEqual([]);
    expect([...stable].filter((key) => !keys.includes(key))).toEqual([]);
  });
});

function pagedCalls({ model, operations }: Api): readonly Paged[] {
  return operations.flatMap((operation) => {
    const { input, output } = model.operation(operation) ?? {};
    const named = (names: readonly string[]) => names.find((name) => input?.members.some((member) => member.name === name));
    const size = named(['MaxResults', 'MaxItems']);
    const token = named(['NextToken', 'Marker']);
    const lists = (output?.members ?? []).filter((member) => model.shape(member.target).kind === 'list').map((member) => member.name);
    return size === undefined || token === undefined ? [] : [{ operation, size, token, lists }];
  });
}

function itemsOf({ operation, lists }: Paged, output: Values): unknown[] {
  const items = lists.flatMap((list) => (output[list] as unknown[] | undefined) ?? []); // lists by the model
  // A reservation is only the frame of its instances.
  return operation === 'DescribeInstances' ? items.flatMap((item) => (item as { Instances: unknown[] }).Instances) : items;
}

function onlyRequired({ model }: Api, operation: string, input: Values): Values {
  const required = (model.operation(operation)?.input?.members ?? []).filter((member) => member.required);
  return Object.fromEntries(required.map(({ name }) => [name, input[name]]));
}

function hasFilters({ model }: Api, operation: string): boolean {
  const members = model.operation(operation)?.input?.members ?? [];
  return members.some((member) => member.name === 'Filters' && JSON.stringify(model.shape(member.target)).includes('"target":"Filter"'));
}

/** A size that makes some pages of a list, and not hundreds of a catalogue. */
function shareOf(items: readonly unknown[], least: number): number {
  return Math.max(least, Math.ceil(items.length / mostPages));
}

/** What an item is known by: everything in it that looks like a name, which for most is one id. */
function keyOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const named = Object.entries(item).filter(
    ([name, value]) => typeof value === 'string' && /(?:Id|Arn|Key|Name|Cidr|Ip|Code|Type|Location)$/.test(name),
  );
  return JSON.stringify(named);
}

function sorted(items: readonly unknown[]): string[] {
  return items.map((item) => JSON.stringify(item)).toSorted();
}
