/** Every modelled exception of every service reaches the SDK as its own class, with its message and members. */
import { describe, expect, test } from 'vitest';
import { modelText, SERVICES } from '../../scripts/schemas.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import { parseModel } from '#protocol/model.ts';
import { canonical, Choices, drawStructure, XML_OUTPUT } from '#test/wire/schema-values.ts';

interface Client {
  send(command: unknown): Promise<unknown>;
}
type Constructor<T> = new (...args: unknown[]) => T;

describe.each(Object.entries(SERVICES))('%s', async (service, packageName) => {
  const model = parseModel(modelText(service, packageName));
  const protocol = createProtocol(model);
  const sdk = (await import(packageName)) as Record<string, Constructor<unknown>>;
  const clientName = Object.keys(sdk).find((name) => /^(?!__).*Client$/.test(name)) ?? '';
  const operation =
    model.operations.find((name) => model.operation(name)?.input?.members.every((member) => !member.required) ?? true) ?? '';

  const failWith = async (error: AwsError): Promise<Record<string, unknown>> => {
    const answer = protocol.encodeError(error, 'request-1', operation);
    const client = new (sdk[clientName] as Constructor<Client>)({
      // Every client package exports one client class.
      region: 'us-east-1',
      endpoint: 'http://localhost:4566',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      maxAttempts: 1,
      requestHandler: {
        handle: async () => ({
          response: { statusCode: answer.status, headers: { ...answer.headers }, body: new Uint8Array(Buffer.from(answer.body)) },
        }),
      },
      signer: { sign: async (request: unknown) => request },
    });
    const Command = sdk[`${operation}Command`] as Constructor<unknown>; // the SDK's naming
    return client.send(new Command({})).then(
      () => ({}),
      (failure: unknown) => failure as Record<string, unknown>, // an exception of the SDK
    );
  };

  test('an error that the model lacks keeps its code', async () => {
    const failure = await failWith(new AwsError('Invalid.Thing', 'No <thing> & "that"', 400));
    expect(failure).toMatchObject({
      name: 'Invalid.Thing',
      message: 'No <thing> & "that"',
      $metadata: { httpStatusCode: 400, requestId: 'request-1' },
    });
  });

  const named = model.errors.map(([name]) => name).filter((name) => sdk[name] !== undefined);
  test.each(named)('%s', async (name) => {
    const shape = model.shape(name);
    if (shape.kind !== 'structure') throw new Error(`${name} is no structure`);
    const members = drawStructure(
      new Choices(name.length),
      model,
      { ...shape, members: shape.members.filter((member) => !/^message$/i.test(member.name)) },
      XML_OUTPUT,
    );
    const failure = await failWith(new AwsError(name, 'It is so.', 400, members));
    expect(failure).toBeInstanceOf(sdk[name]);
    expect(failure['message']).toBe('It is so.');
    for (const [member, value] of Object.entries(members)) expect(canonical(failure[member])).toBe(canonical(value));
  });
});
