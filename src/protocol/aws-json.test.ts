import { describe, expect, test } from 'vitest';
import { AwsError } from '#protocol/aws-error.ts';
import { createAwsJson } from '#protocol/aws-json.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { sampleModel } from '#protocol/model.fixture.ts';

const protocol = createAwsJson(sampleModel('json-1.1'));

function post(body: string | Buffer, target = 'ThingService.CreateThing'): HttpRequest {
  return { method: 'POST', path: '/', query: '', headers: { 'x-amz-target': target }, body: Buffer.from(body) };
}

function decode(body: string | Buffer): Record<string, unknown> {
  return protocol.decode('CreateThing', post(body));
}

describe('reading', () => {
  test('values of every kind', () => {
    const body =
      '{"Name":"a","Size":3,"Weight":0.5,"DryRun":true,"Since":1700000000.5,"Key":"aGk=","Ids":["x"],"Attributes":{"k":"v"},"Tenancy":null,"More":1}';
    expect(decode(body)).toEqual({
      Name: 'a',
      Size: 3,
      Weight: 0.5,
      DryRun: true,
      Since: new Date(1_700_000_000_500),
      Key: new Uint8Array([104, 105]),
      Ids: ['x'],
      Attributes: { k: 'v' },
    });
  });

  test('a map may have any key', () => {
    const { Attributes } = decode('{"Name":"a","Attributes":{"__proto__":"v"}}');
    expect(Object.keys(Attributes as object)).toEqual(['__proto__']); // a map, by the model
  });

  test('a member is never taken from a prototype', () => {
    expect(() => decode('{"__proto__":{"Name":"a"}}')).toThrow("Value null at 'name' failed to satisfy constraint");
  });
});

const REFUSED: readonly [body: string | Buffer, code: string, message: string][] = [
  ['{', 'SerializationException', 'The body is not well-formed JSON'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'SerializationException', 'The body is not UTF-8'],
  ['[]', 'SerializationException', 'Unexpected value type in payload'],
  ['"x"', 'SerializationException', 'Unexpected value type in payload'],
  [`{"Next":${'{"Next":'.repeat(100)}1${'}'.repeat(101)}`, 'SerializationException', 'Nesting is deeper than 64'],
  ['{"Name":1}', 'SerializationException', 'NUMBER_VALUE can not be converted to a String'],
  ['{"Name":true}', 'SerializationException', 'TRUE_VALUE can not be converted to a String'],
  ['{"Name":{}}', 'SerializationException', 'Start of structure or map found where not expected.'],
  ['{"Name":[]}', 'SerializationException', 'Start of list found where not expected'],
  ['{"Name":"a","Size":"3"}', 'SerializationException', 'STRING_VALUE can not be converted to an Integer'],
  ['{"Name":"a","Size":1.5}', 'SerializationException', 'NUMBER_VALUE can not be converted to an Integer'],
  ['{"Name":"a","Ids":"x"}', 'SerializationException', 'Expected list or null'],
  ['{"Name":"a","Next":"x"}', 'SerializationException', 'STRING_VALUE can not be converted to a structure'],
  ['{}', 'ValidationException', "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"],
  ['', 'ValidationException', "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"],
  [
    '{"Tenancy":"moon","Ids":[null]}',
    'ValidationException',
    "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; " +
      "Value 'moon' at 'tenancy' failed to satisfy constraint: Member must satisfy enum value set: [default, dedicated]; " +
      "Value null at 'ids.1.member' failed to satisfy constraint: Member must not be null",
  ],
];

test.each(REFUSED)('%.60s is refused', (body, code, message) => {
  expect(() => decode(body)).toThrow(expect.objectContaining({ code, message, status: 400 }));
});

describe('the target header', () => {
  test('names the operation', () => {
    expect(protocol.operationOf(post('', 'ThingService.ListThings'))).toBe('ListThings');
  });

  test.each(['ThingService.MakeCoffee', 'OtherService.ListThings', 'ListThings', ''])('%s is unknown', (target) => {
    expect(protocol.operationOf(post('', target))).toBeUndefined();
    expect(protocol.refusal(post('', target))).toMatchObject({ code: 'UnknownOperationException', message: '', status: 400 });
  });
});

describe('writing', () => {
  test('an answer', () => {
    const Thing = {
      ThingId: 'a"b',
      CreateTime: new Date(1_700_000_000_500),
      Count: 2,
      Key: new Uint8Array([104, 105]),
      Tags: [],
      Attributes: { k: 'v', u: undefined },
    };
    expect(protocol.encode('CreateThing', { Thing, Other: 1 }, 'r-1')).toEqual({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-1' },
      body: '{"Thing":{"ThingId":"a\\"b","CreateTime":1700000000.5,"Count":2,"Key":"aGk=","Tags":[],"Attributes":{"k":"v"}}}',
    });
  });

  test('no answer', () => {
    expect(protocol.encode('DeleteThing', {}, 'r-1').body).toBe('{}');
  });

  test('an error, with its members', () => {
    const answer = protocol.encodeError(new AwsError('NoSuchThingException', 'No "thing"', 400, { ThingId: 'x' }), 'r-2');
    expect(answer).toEqual({
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-2', 'x-amzn-errortype': 'NoSuchThingException' },
      body: '{"__type":"NoSuchThingException","message":"No \\"thing\\"","ThingId":"x"}',
    });
  });

  test('JSON 1.0 names an error by its whole shape id', () => {
    const older = createAwsJson(sampleModel('json-1.0'));
    expect(older.encodeError(new AwsError('NoSuchThingException', 'x'), 'r').body).toContain(
      '"__type":"com.example.things#NoSuchThingException"',
    );
    expect(older.encodeError(new AwsError('SerializationException', 'x'), 'r').body).toContain(
      '"__type":"com.amazon.coral.service#SerializationException"',
    );
    expect(older.encode('DeleteThing', {}, 'r').headers['content-type']).toBe('application/x-amz-json-1.0');
  });
});
