/** REST-XML and REST-JSON against the SDK's own protocol classes, on a small service with every http binding. */
import { AwsRestJsonProtocol, AwsRestXmlProtocol } from '@aws-sdk/core/protocols';
import { operation, TypeRegistry } from '@smithy/core/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaLines } from '../../scripts/schema-writer.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { parseModel } from '#protocol/model.ts';
import { noSuchThing, REST_NAMESPACE, REST_XMLNS, restSchemas } from '#test/wire/rest-schemas.ts';
import { canonical, Choices, drawStructure, type ValueRules } from '#test/wire/schema-values.ts';
import { requestOf, type SdkRequest } from '#test/wire/sdk-request.ts';

class NoSuchThing extends Error {}

/** The part of the SDK's protocol classes that the test uses; their own types want whole clients. */
interface SdkProtocol {
  serializeRequest(operation: unknown, input: unknown, context: unknown): Promise<SdkRequest>;
  deserializeResponse(operation: unknown, context: unknown, response: unknown): Promise<Record<string, unknown>>;
}

const registry = new TypeRegistry(REST_NAMESPACE);
registry.registerError(noSuchThing as never, NoSuchThing); // the SDK's types want its generated tuples and classes
const options = { defaultNamespace: REST_NAMESPACE, xmlNamespace: REST_XMLNS, errorTypeRegistries: [registry] };
const context = { endpoint: async () => ({ protocol: 'http:', hostname: 'localhost', path: '/' }) };
const RULES: ValueRules = { nonEmpty: false, xml: true, protoKeys: false };
const RUNS_PER_OPERATION = 60;

const sides = [
  ['rest-xml', new AwsRestXmlProtocol(options) as unknown as SdkProtocol], // as above
  ['rest-json', new AwsRestJsonProtocol(options) as unknown as SdkProtocol], // as above
] as const;

describe.each(sides)('%s', (name, sdk) => {
  const header = {
    service: 'things',
    serviceId: 'Things',
    protocol: name,
    namespace: REST_NAMESPACE,
    version: '2026-01-01',
    target: 'Things',
    xmlNamespace: REST_XMLNS,
  };
  const model = parseModel(schemaLines(header, restSchemas, { values: {}, members: {} }));
  const protocol = createProtocol(model);
  const sdkOperations = new Map(
    restSchemas.map((schema) => [(schema as unknown[])[2], schema as [number, string, string, object, unknown, unknown]]),
  ); // tuples of the format

  const operationOf = (operationName: string): unknown => {
    const [, namespace, shapeName, traits, input, output] = sdkOperations.get(operationName) ?? [9, '', '', {}, 'unit', 'unit'];
    return operation(namespace, shapeName, traits as never, input as never, output as never); // the SDK's types want its generated tuples
  };

  test.each(model.operations)('%s goes both ways', async (operationName) => {
    const shape = model.operation(operationName);
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choices = new Choices(seed);
        const input = headerSafe(drawStructure(choices, model, shape?.input, RULES));
        const output = headerSafe(drawStructure(choices, model, shape?.output, RULES));
        if ('Status' in output) output['Status'] = choices.of([200, 202, 206]);
        if (operationName === 'ListThings') input['All'] = { max: ['7'], other: ['a', 'b c'] };
        if (operationName === 'ListThings') input['Max'] = 7;
        const request = requestOf(await sdk.serializeRequest(operationOf(operationName), input, context));
        expect(protocol.operationOf(request)).toBe(operationName);
        expect(canonical(protocol.decode(operationName, request))).toBe(canonical(input));
        const answer = protocol.encode(operationName, output, 'request-1');
        const response = { statusCode: answer.status, headers: { ...answer.headers }, body: new Uint8Array(Buffer.from(answer.body)) };
        const { $metadata: _, ...got } = await sdk.deserializeResponse(operationOf(operationName), context, response);
        expect(canonical(withoutEmptyPayload(got))).toBe(canonical(withStatus(output, answer.status, operationName)));
      }),
      { numRuns: RUNS_PER_OPERATION, endOnFailure: true },
    );
  });

  test('an error goes to the SDK with its members', async () => {
    const answer = protocol.encodeError(
      new AwsError('NoSuchThing', 'No <thing> "x"', 404, { ThingId: 'x', Wait: 5 }),
      'request-2',
      'GetThing',
    );
    expect(answer.status).toBe(404);
    const response = { statusCode: answer.status, headers: { ...answer.headers }, body: new Uint8Array(Buffer.from(answer.body)) };
    const failure = (await sdk.deserializeResponse(operationOf('GetThing'), context, response).then(
      () => undefined,
      (error: unknown) => error,
    )) as Record<string, unknown>; // the exception's members
    expect(failure).toBeInstanceOf(NoSuchThing);
    expect(failure['message']).toBe('No <thing> "x"');
    expect(failure['ThingId']).toBe('x');
    expect(answer.headers['retry-after']).toBe('5');
  });

  const request = (method: string, path: string, query = '', body = '', headers: Record<string, string> = {}): HttpRequest => ({
    method,
    path,
    query,
    headers,
    body: Buffer.from(body),
  });

  test('a literal path comes before a label', () => {
    expect(protocol.operationOf(request('GET', '/v1/things/special'))).toBe('ListSpecial');
    expect(protocol.operationOf(request('GET', '/v1/things/other'))).toBe('GetThing');
  });

  test('a query literal is needed', () => {
    expect(protocol.operationOf(request('PUT', '/v1/things/a/parts/b', 'kind=small'))).toBeUndefined();
    expect(protocol.operationOf(request('PUT', '/v1/things/a/parts/b', 'kind=big'))).toBe('PutThing');
  });

  test('no route is answered with 404', () => {
    const missing = request('GET', '/v2/nothing');
    expect(protocol.operationOf(missing)).toBeUndefined();
    expect(protocol.refusal(missing)).toMatchObject({ code: 'UnknownOperationException', status: 404 });
  });

  test('a path that is not percent-encoded UTF-8 is refused', () => {
    expect(() => protocol.decode('GetThing', request('GET', '/v1/things/%ff'))).toThrow(
      expect.objectContaining({ code: 'SerializationException', message: 'The path is not percent-encoded UTF-8', status: 400 }),
    );
  });

  test('a missing payload is named', () => {
    const code = name === 'rest-xml' ? 'InvalidInput' : 'ValidationException';
    expect(() => protocol.decode('PutText', request('PUT', '/v1/text'))).toThrow(
      expect.objectContaining({
        code,
        message: "1 validation error detected: Value null at 'text' failed to satisfy constraint: Member must not be null",
      }),
    );
  });
});

/** Header text has no line ends, no space around it and, in the SDK, Latin-1 at most; names are in lower case. */
function headerSafe(values: Record<string, unknown>): Record<string, unknown> {
  const clean = (text: string): string => `h${text.replace(/[^\x20-\x7e]/g, '')}h`;
  for (const name of ['ETag', 'Token', 'Kind']) if (name in values) values[name] = clean(String(values[name]));
  if (Array.isArray(values['Names'])) {
    if (values['Names'].length === 0) delete values['Names'];
    else values['Names'] = values['Names'].map((text) => clean(String(text)));
  }
  if (Array.isArray(values['Dates'])) {
    if (values['Dates'].length === 0) delete values['Dates'];
    else values['Dates'] = values['Dates'].map(wholeSecond);
  }
  if (values['Modified'] instanceof Date) values['Modified'] = wholeSecond(values['Modified']);
  if (Array.isArray(values['Tags']) && values['Tags'].length === 0) delete values['Tags'];
  for (const name of ['ThingId', 'PartPath']) {
    // A label is at least one character; a greedy one keeps its slashes but has no empty end.
    if (name in values) values[name] = `p${String(values[name])}p`;
  }
  if (typeof values['Meta'] === 'object') {
    const meta = Object.entries(values['Meta'] ?? {}).map(([key, text]) => [
      `k${key.toLowerCase().replace(/[^a-z0-9]/g, '')}`,
      clean(String(text)),
    ]);
    if (meta.length === 0) delete values['Meta'];
    else values['Meta'] = Object.fromEntries(meta);
  }
  // An XML reader makes spaces of line ends and tabs in an attribute; the SDK writes them unescaped.
  const document = values['Document'] as { Id?: string } | undefined; // by the schema
  if (document?.Id !== undefined) document.Id = document.Id.replace(/[\t\r\n]/g, '');
  // Flattened collections cannot be empty and set.
  for (const name of ['Flat', 'FlatMap'])
    if (typeof values[name] === 'object' && Object.keys(values[name] ?? {}).length === 0) delete values[name];
  return values;
}

function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** The SDK sets what has no value in an answer: a missing payload, and prefix headers that are not there. */
function withoutEmptyPayload(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(values).filter(
    ([name, value]) => value !== null && !(name === 'Meta' && Object.keys(value as object).length === 0),
  ); // a map
  return Object.fromEntries(entries);
}

function withStatus(output: Record<string, unknown>, status: number, operationName: string): Record<string, unknown> {
  return operationName === 'PutThing' ? { ...output, Status: status } : output;
}
