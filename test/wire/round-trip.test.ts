/** Every operation of every service: what the SDK writes we read, what we write the SDK reads, for generated values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelText, SERVICES } from '../../scripts/schemas.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import { parseModel } from '#protocol/model.ts';
import { canonical, Choices, drawStructure, rulesOf } from '#test/wire/schema-values.ts';
import { requestOf, type SdkRequest } from '#test/wire/sdk-request.ts';

/** Members that the SDK's client itself adds to what the caller gave (`@aws-sdk/middleware-sdk-ec2`). */
const ADDED_BY_THE_CLIENT: Readonly<Record<string, readonly string[]>> = { CopySnapshot: ['PresignedUrl', 'DestinationRegion'] };
const RUNS_PER_OPERATION = 8;

interface Client {
  send(command: unknown): Promise<Record<string, unknown>>;
}
type Constructor<T> = new (...args: unknown[]) => T;

describe.each(Object.entries(SERVICES))('%s', async (service, packageName) => {
  const model = parseModel(modelText(service, packageName));
  const protocol = createProtocol(model);
  const sdk = (await import(packageName)) as Record<string, unknown>;
  const clientName = Object.keys(sdk).find((name) => /^(?!__).*Client$/.test(name)) ?? '';
  let handle: (request: SdkRequest) => unknown;
  const client = new (sdk[clientName] as Constructor<Client>)({
    // Every client package exports one client class.
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: { handle: async (request: SdkRequest) => ({ response: handle(request) }) },
    signer: { sign: async (request: unknown) => request },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const [inputRules, outputRules] = rulesOf(model);

  test('has operations', () => {
    expect(model.operations.length).toBeGreaterThan(5);
  });

  test.each(model.operations)('%s', async (name) => {
    const operation = model.operation(name);
    const Command = sdk[`${name}Command`] as Constructor<unknown>; // the SDK's naming
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choices = new Choices(seed);
        const input = drawStructure(choices, model, operation?.input, inputRules);
        const output = drawStructure(choices, model, operation?.output, outputRules);
        const added = ADDED_BY_THE_CLIENT[name] ?? [];
        let read: Record<string, unknown> = {};
        let named: string | undefined;
        handle = (sdkRequest) => {
          const request = requestOf(sdkRequest);
          named = protocol.operationOf(request);
          read = protocol.decode(name, request);
          const answer = protocol.encode(name, output, 'd5cf6d5b-8d3f-4b2a-9d0e-000000000000');
          return { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) };
        };
        const got = await client.send(new Command(input));
        const without = (values: Record<string, unknown>): string =>
          canonical(Object.fromEntries(Object.entries(values).filter(([key]) => !added.includes(key) && key !== '$metadata')));
        expect(named).toBe(name);
        expect(without(read)).toBe(without(input));
        expect(without(got)).toBe(without(output));
        expect((got['$metadata'] as { requestId?: string }).requestId).toBe('d5cf6d5b-8d3f-4b2a-9d0e-000000000000'); // the SDK's metadata
      }),
      { numRuns: RUNS_PER_OPERATION, endOnFailure: true },
    );
  });
});
