import { describe, expect, test } from 'vitest';
import { AwsError } from '#protocol/aws-error.ts';
import { createAwsQuery } from '#protocol/aws-query.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { sampleModel } from '#protocol/model.fixture.ts';

const protocol = createAwsQuery(sampleModel('query'));
const VERSION = 'Version=2026-01-01';

function form(body: string): HttpRequest {
  return { method: 'POST', path: '/', query: '', headers: {}, body: Buffer.from(body) };
}

function decode(parameters: string): Record<string, unknown> {
  return protocol.decode('CreateThing', form(`Action=CreateThing&${VERSION}&name=a&${parameters}`));
}

describe('reading', () => {
  test('lists by member, maps by entry', () => {
    const value = decode('Id.member.2=b&Id.member.1=a&Attributes.entry.1.key=k&Attributes.entry.1.value=v&Tag.item.1.key=t');
    expect(value['Ids']).toEqual(['a', 'b']);
    expect(value['Attributes']).toEqual({ k: 'v' });
    expect(value['Tags']).toEqual([{ Key: 't' }]);
  });

  test('an empty list', () => {
    expect(decode('Id=')['Ids']).toEqual([]);
  });

  test('a map may have any key', () => {
    const { Attributes } = decode('Attributes.entry.1.key=__proto__&Attributes.entry.1.value=v');
    expect(Object.keys(Attributes as object)).toEqual(['__proto__']); // a map, by the model
    expect(({} as Record<string, unknown>)['v']).toBeUndefined();
  });

  test('what the model lacks is ignored', () => {
    expect(decode('Foo=1&Id.other.1=x')).toEqual({ Name: 'a', Ids: [] });
  });
});

describe('refusing', () => {
  test.each([
    [
      'Tag.item.1.value=v',
      "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
    ],
    [
      'Tenancy=moon',
      "1 validation error detected: Value 'moon' at 'tenancy' failed to satisfy constraint: Member must satisfy enum value set: [default, dedicated]",
    ],
  ])('%s', (parameters, message) => {
    expect(() => decode(parameters)).toThrow(expect.objectContaining({ code: 'ValidationError', message, status: 400 }));
  });

  test('all faults are told at once', () => {
    expect(() => protocol.decode('CreateThing', form('Tenancy=moon&Tag.item.1.value=v'))).toThrow(
      expect.objectContaining({
        code: 'ValidationError',
        message:
          "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; " +
          "Value 'moon' at 'tenancy' failed to satisfy constraint: Member must satisfy enum value set: [default, dedicated]; " +
          "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
      }),
    );
  });

  test('a value of another type', () => {
    expect(() => decode('Size=big')).toThrow(
      expect.objectContaining({ code: 'MalformedInput', message: "Value 'big' can not be converted to an integer" }),
    );
  });

  test.each([
    [VERSION, 'MissingAction', 'The request is missing an action or a required parameter.'],
    [`Action=MakeCoffee&${VERSION}`, 'InvalidAction', 'Could not find operation MakeCoffee for version 2026-01-01'],
    ['Action=ListThings&Version=2010-01-01', 'InvalidAction', 'Could not find operation ListThings for version 2010-01-01'],
    ['Action=ListThings', 'InvalidAction', 'Could not find operation ListThings for version NO_VERSION_SPECIFIED'],
  ])('%s names no operation', (body, code, message) => {
    expect(protocol.operationOf(form(body))).toBeUndefined();
    expect(protocol.refusal(form(body))).toMatchObject({ code, message, status: 400 });
  });
});

describe('writing', () => {
  const XMLNS = 'xmlns="http://things.example.com/doc/2026-01-01"';
  const METADATA = '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>';

  test('a result', () => {
    const Thing = { ThingId: 'x', CreateTime: new Date('2026-11-23T03:49:46Z'), Tags: [{ Key: 'k' }], Attributes: { a: '1' } };
    expect(protocol.encode('CreateThing', { Thing }, 'r-1')).toEqual({
      status: 200,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'r-1' },
      body:
        `<CreateThingResponse ${XMLNS}><CreateThingResult><thing><thingId>x</thingId><createTime>2026-11-23T03:49:46Z</createTime>` +
        '<tagSet><item><key>k</key></item></tagSet><attributes><entry><key>a</key><value>1</value></entry></attributes></thing></CreateThingResult>' +
        `${METADATA}</CreateThingResponse>`,
    });
  });

  test('no result', () => {
    expect(protocol.encode('DeleteThing', {}, 'r-1').body).toBe(`<DeleteThingResponse ${XMLNS}>${METADATA}</DeleteThingResponse>`);
  });

  test.each(['NoSuchThing', 'NoSuchThingException'])('a modelled error thrown as %s has its code, status and members', (code) => {
    const answer = protocol.encodeError(new AwsError(code, 'No thing', 400, { ThingId: 'x', Other: 'y' }), 'r-2');
    expect(answer.status).toBe(404);
    expect(answer.body).toBe(
      `<ErrorResponse ${XMLNS}><Error><Type>Sender</Type><Code>NoSuchThing</Code><Message>No thing</Message><ThingId>x</ThingId></Error><RequestId>r-2</RequestId></ErrorResponse>`,
    );
  });

  test('an error of the server', () => {
    expect(protocol.encodeError(new AwsError('InternalFailure', 'No', 500), 'r-3').body).toContain(
      '<Type>Receiver</Type><Code>InternalFailure</Code>',
    );
  });
});
