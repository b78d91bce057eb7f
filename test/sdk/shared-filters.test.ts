/** What every call with `Filters` does alike: names that AWS does not have refused, tags and wildcards found, 200 values at most. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, type Connection, implementedApis, type Values } from '#test/fuzz/api.ts';
import type { Part } from '#protocol/model.ts';
import { followRecords } from '#test/fuzz/known.ts';
import { drawInput, sane } from '#test/fuzz/plausible-inputs.ts';
import { buildCrowd } from '#test/sdk/crowd.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { Choices } from '#test/wire/schema-values.ts';

const keiro = await useKeiro({ quotas: 'off', logLevel: 'error' });
const apis = (await implementedApis()).filter(({ service }) => service === 'ec2'); // the others have filters of their own kinds
const records = followRecords(keiro.store);
afterAll(() => records.stop());

/** The test's tag: a value with characters that patterns know. */
const tag = { Key: 'found by', Value: 'a*b?c' };

interface Filtered {
  readonly operation: string;
  /** `Filters`, or `Filter` in the calls about NAT gateways. */
  readonly member: string;
}

describe.each(apis)('$service', (api) => {
  const account = keiro.freshAccount();
  let connection: Connection;
  beforeAll(async () => {
    connection = api.connect(keiro, account);
    await buildCrowd(api.service, connection.call);
  });
  afterAll(() => connection.close());

  const required = (operation: string): Values => {
    const shape = api.model.operation(operation)?.input;
    const input = drawInput({ choices: new Choices(0), model: api.model, known: records.knownTo(account), operation, manner: sane });
    return Object.fromEntries((shape?.members ?? []).filter((member) => member.required).map(({ name }) => [name, input[name]]));
  };
  const refusal = async ({ operation, member }: Filtered, filters: unknown): Promise<string> => {
    const { code, message } = await connection.call(operation, { ...required(operation), [member]: filters });
    return `${code}: ${message}`;
  };

  test.each(filteredCalls(api))('$operation refuses what is no filter', async (call) => {
    expect(await refusal(call, [{ Name: 'no-such-filter', Values: ['x'] }])).toBe(
      "InvalidParameterValue: The filter 'no-such-filter' is invalid",
    );
    expect(await refusal(call, [{ Values: ['x'] }])).toBe("InvalidParameterValue: The filter 'null' is invalid");
    expect(await refusal(call, [{ Name: 'tag:x', Values: Array.from({ length: 201 }, String) }])).toBe(
      'FilterLimitExceeded: The maximum number of filter values specified on a single call is 200',
    );
  });

  const tagged = filteredCalls(api).filter(({ operation }) => hasTaggedItems(api, operation) && !untagged.has(operation));
  test.each(tagged)('$operation finds by tag', async ({ operation, member }) => {
    const find = async (...filters: readonly (readonly [name: string, ...values: string[]])[]): Promise<readonly Values[]> => {
      const Filters = filters.map(([Name, ...values]) => ({ Name, Values: values }));
      const { output, code, message } = await connection.call(operation, { ...required(operation), [member]: Filters });
      if (output === undefined) throw new Error(`${operation} ${JSON.stringify(Filters)}: ${code} ${message}`);
      return taggedItems(output);
    };
    const [some, other] = (await find()).filter((item) => !isAws(item));
    if (!some) throw new Error(`the items of ${operation} have no tags`);
    const id = idOf(some, operation);
    expect(await connection.call('CreateTags', { Resources: [id], Tags: [tag] })).toMatchObject({ code: undefined });
    const found = async (name: string, ...values: string[]): Promise<readonly string[]> =>
      (await find([name, ...values])).map((item) => idOf(item, operation));

    expect(await found(`tag:${tag.Key}`, 'a\\*b\\?c')).toEqual([id]);
    for (const value of ['a*', '*c', '*', 'a?b?c', 'a*b?c'])
      expect([value, await found(`tag:${tag.Key}`, 'x', value)]).toEqual([value, [id]]);
    expect(await found('tag-key', tag.Key)).toEqual([id]);
    expect(await found('tag-key', 'found*')).toEqual([id]);
    for (const value of ['A*', 'a', '?', '', 'a\\*']) expect([value, await found(`tag:${tag.Key}`, value)]).toEqual([value, []]);
    expect(await found(`tag:${tag.Key.toUpperCase()}`, '*')).toEqual([]);
    if (other) {
      const otherTags = { Resources: [idOf(other, operation)], Tags: [{ Key: 'second', Value: 'x' }] };
      expect(await connection.call('CreateTags', otherTags)).toMatchObject({ code: undefined });
      expect(await find(['tag-key', tag.Key], ['tag-key', 'second'])).toEqual([]);
      expect(await found('tag-key', tag.Key, 'second')).toHaveLength(2);
    }
    const tagged = other ? [id, idOf(other, operation)] : [id];
    await connection.call('DeleteTags', { Resources: tagged, Tags: [{ Key: tag.Key }, { Key: 'second' }] });
    expect(await found('tag-key', tag.Key)).toEqual([]);
  });
});

/** Calls whose items could have tags, but not here. This list may only shrink. */
const untagged: ReadonlySet<string> = new Set([
  'DescribeImages', // AWS's own
  'GetSubnetCidrReservations', // of one subnet; its own tests tag them
]);

/** Whether the model has tags on the things that the call answers with. */
function hasTaggedItems({ model }: Api, operation: string): boolean {
  const isTagged = (part: Part): boolean => {
    const shape = model.shape(part.target);
    if (shape.kind === 'list') return isTagged(shape.element);
    return (
      shape.kind === 'structure' &&
      shape.members.some(({ name, ...member }) => name === 'Tags' || (name === 'Instances' && isTagged(member)))
    );
  };
  const members = model.operation(operation)?.output?.members ?? [];
  return members.some((member) => member.name !== 'Tags' && isTagged(member));
}

function filteredCalls({ model, operations }: Api): readonly Filtered[] {
  return operations.flatMap((operation) => {
    const member = model.operation(operation)?.input?.members.find(({ name }) => name === 'Filters' || name === 'Filter');
    return member ? [{ operation, member: member.name }] : [];
  });
}

/** The items of an answer that can have tags. */
function taggedItems(output: Values): readonly Values[] {
  const items = Object.values(output).flatMap((value) => (Array.isArray(value) ? (value as Values[]) : [])); // lists of structures
  return items
    .flatMap((item) => ('Instances' in item ? (item['Instances'] as Values[]) : [item]))
    .filter((item) => 'Tags' in item || 'TagSet' in item);
}

function isAws(item: Values): boolean {
  return item['OwnerId'] === 'AWS';
}

/** `SubnetId` for DescribeSubnets; else the first id in the item. */
function idOf(item: Values, operation: string): string {
  const noun = operation.replace(/^(?:Describe|Get)(?:Managed)?/, '').replace(/(?:es)?s$/, '');
  const names = Object.keys(item).filter((name) => name.endsWith('Id'));
  const name = names.find((one) => one === `${noun}Id`) ?? names.find((one) => ownIds.has(one)) ?? names[0] ?? '';
  return String(item[name]);
}

const ownIds: ReadonlySet<string> = new Set(['AllocationId', 'DhcpOptionsId', 'GroupId', 'KeyPairId', 'SecurityGroupRuleId']);
