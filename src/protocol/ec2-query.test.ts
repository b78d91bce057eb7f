import { describe, expect, test } from 'vitest';
import { AwsError } from '#protocol/aws-error.ts';
import { createEc2Query } from '#protocol/ec2-query.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { sampleModel } from '#protocol/model.fixture.ts';

const protocol = createEc2Query(sampleModel('ec2'));

function form(body: string, query = ''): HttpRequest {
  return { method: 'POST', path: '/', query, headers: {}, body: Buffer.from(body) };
}

function decode(parameters: string): Record<string, unknown> {
  return protocol.decode('CreateThing', form(`Action=CreateThing&Version=2026-01-01&ThingName=a&${parameters}`));
}

describe('reading', () => {
  test('names: ec2QueryName, else the XML name or the member with a capital', () => {
    expect(decode('DryRun=true&Size=3')).toEqual({ Name: 'a', DryRun: true, Size: 3 });
  });

  test('the action may stand in the query, the rest in the body', () => {
    const request = form('ThingName=b', 'Action=CreateThing&X-Amz-Signature=00&AWSAccessKeyId=x');
    expect(protocol.operationOf(request)).toBe('CreateThing');
    expect(protocol.decode('CreateThing', request)).toEqual({ Name: 'b' });
  });

  test('list items come in the order of their indices, gaps closed up', () => {
    expect(decode('Id.10=c&Id.2=a&Id.7=b&Tag.5.Key=k&Tag.5.Value=v')['Ids']).toEqual(['a', 'b', 'c']);
    expect(decode('Tag.5.Key=k&Tag.5.Value=v&Tag.1.Key=j')['Tags']).toEqual([{ Key: 'j' }, { Key: 'k', Value: 'v' }]);
  });

  test('a list of enumerated values checks each', () => {
    expect(decode('Kinds.1=default&Kinds.2=dedicated')['Kinds']).toEqual(['default', 'dedicated']);
    expect(() => decode('Kinds.1=default&Kinds.2=other')).toThrow('Value (other) for parameter kinds is invalid.');
  });

  test('plus, percent and UTF-8', () => {
    expect(decode('Tag.1.Key=a+b%20c%2B&Tag.1.Value=%E7%B5%8C%E8%B7%AF')['Tags']).toEqual([{ Key: 'a b c+', Value: '経路' }]);
  });

  test('timestamps, blobs, fractions', () => {
    expect(decode('Since=2026-11-23T03:49:46Z&Key=aGk%3D&Weight=1.5')).toEqual({
      Name: 'a',
      Since: new Date('2026-11-23T03:49:46Z'),
      Key: new Uint8Array([104, 105]),
      Weight: 1.5,
    });
  });
});

const REFUSED: readonly [parameters: string, code: string, message: string][] = [
  ['Foo=1', 'UnknownParameter', 'The parameter Foo is not recognized'],
  ['Foo.1.Bar=1', 'UnknownParameter', 'The parameter Foo is not recognized'],
  ['dryRun=true', 'UnknownParameter', 'The parameter dryRun is not recognized'],
  ['__proto__=1', 'UnknownParameter', 'The parameter __proto__ is not recognized'],
  ['__proto__.Size=1', 'UnknownParameter', 'The parameter __proto__ is not recognized'],
  ['Tag.1.Foo=1&Tag.1.Key=k', 'UnknownParameter', 'The parameter Tag.1.Foo is not recognized'],
  ['Tag.x.Key=1', 'UnknownParameter', 'The parameter Tag is not recognized'],
  ['Id=a', 'UnknownParameter', 'The parameter Id is not recognized'],
  ['Id.99999999=a', 'UnknownParameter', 'The parameter Id is not recognized'],
  ['Size.1=3', 'UnknownParameter', 'The parameter Size.1 is not recognized'],
  ['Next=1', 'UnknownParameter', 'The parameter Next is not recognized'],
  ['Tag.1.Value=v', 'MissingParameter', 'The request must contain the parameter Tag.1.Key'],
  ['Tenancy=moon', 'InvalidParameterValue', 'Value (moon) for parameter tenancy is invalid. The value is not one of those allowed.'],
  ['InstanceType=t9.huge', 'InvalidParameterValue', "Invalid value 't9.huge' for InstanceType."],
  ['DryRun=maybe', 'InvalidParameterValue', 'Value (maybe) for parameter dryRun is invalid. Expecting true or false.'],
  ['Size=1.5', 'InvalidParameterValue', 'Value (1.5) for parameter size is invalid. Expecting an integer.'],
  ['Size=0x10', 'InvalidParameterValue', 'Value (0x10) for parameter size is invalid. Expecting an integer.'],
  ['Size=99999999999999999', 'InvalidParameterValue', 'Value (99999999999999999) for parameter size is invalid. Expecting an integer.'],
  ['Weight=heavy', 'InvalidParameterValue', 'Value (heavy) for parameter weight is invalid. Expecting a number.'],
  ['Since=yesterday', 'InvalidParameterValue', 'Value (yesterday) for parameter since is invalid. Expecting a timestamp.'],
  ['Key=*', 'InvalidParameterValue', 'Value (*) for parameter key is invalid. Expecting base64.'],
  ['a=%zz', 'MalformedQueryString', 'The query string contains a syntax error. It is not percent-encoded UTF-8.'],
  ['a=%ff', 'MalformedQueryString', 'The query string contains a syntax error. It is not percent-encoded UTF-8.'],
  [
    `${'Next.'.repeat(40)}Label=x`,
    'MalformedQueryString',
    "The query string contains a syntax error. A parameter's name has more than 32 parts.",
  ],
  ['a&'.repeat(20_001), 'MalformedQueryString', 'The query string contains a syntax error. It has more than 20000 parameters.'],
];

test.each(REFUSED)('%.60s is refused', (parameters, code, message) => {
  expect(() => decode(parameters)).toThrow(expect.objectContaining({ code, message, status: 400 }));
});

test('a required parameter is named as on the wire', () => {
  expect(() => protocol.decode('CreateThing', form('Action=CreateThing'))).toThrow(
    expect.objectContaining({ code: 'MissingParameter', message: 'The request must contain the parameter ThingName', status: 400 }),
  );
});

describe('requests that name no operation', () => {
  test.each([
    ['Version=2026-01-01', 'MissingAction', 'The request must contain the parameter Action'],
    ['Action=MakeCoffee&Version=2026-01-01', 'InvalidAction', 'The action MakeCoffee is not valid for this web service.'],
    ['Action=ListThings&Version=2027-01-01', 'NoSuchVersion', 'The requested version (2027-01-01) of service ThingService does not exist'],
    ['Action=ListThings&a=%f', 'MalformedQueryString', 'The query string contains a syntax error. It is not percent-encoded UTF-8.'],
  ])('%s', (body, code, message) => {
    expect(protocol.operationOf(form(body))).toBeUndefined();
    expect(protocol.refusal(form(body))).toMatchObject({ code, message, status: 400 });
  });

  test('an older version of the API is served', () => {
    expect(protocol.operationOf(form('Action=ListThings&Version=2014-06-15'))).toBe('ListThings');
  });

  test('the name is known though the operation is not', () => {
    expect(protocol.namedOperation(form('Action=MakeCoffee'))).toBe('MakeCoffee');
  });
});

describe('writing', () => {
  const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

  test('an answer, with empty lists kept and unset members left out', () => {
    const thing = {
      ThingId: 'thing-1',
      CreateTime: new Date('2026-11-23T03:49:46Z'),
      IsDefault: false,
      Count: 0,
      Key: new Uint8Array([104, 105]),
      Tags: [],
    };
    const answer = protocol.encode('CreateThing', { Thing: { ...thing, NextToken: undefined } }, 'r-1');
    expect(answer.status).toBe(200);
    expect(answer.headers).toEqual({ 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': 'r-1' });
    expect(answer.body).toBe(
      `${HEAD}<CreateThingResponse xmlns="http://things.example.com/doc/2026-01-01/"><requestId>r-1</requestId>` +
        '<thing><thingId>thing-1</thingId><createTime>2026-11-23T03:49:46.000Z</createTime><isDefault>false</isDefault>' +
        '<count>0</count><key>aGk=</key><tagSet/></thing></CreateThingResponse>',
    );
  });

  test('an operation without an answer says that it worked', () => {
    expect(protocol.encode('DeleteThing', {}, 'r-2').body).toBe(
      `${HEAD}<DeleteThingResponse xmlns="http://things.example.com/doc/2026-01-01/"><requestId>r-2</requestId><return>true</return></DeleteThingResponse>`,
    );
  });

  test('text is escaped, and what XML cannot hold is replaced', () => {
    const answer = protocol.encode('ListThings', { NextToken: '<a&b>"\r\n\t\u0000\ufffe\u0085' }, 'r-3');
    expect(answer.body).toContain('<nextToken>&lt;a&amp;b&gt;&quot;&#xD;&#xA;&#x9;\ufffd\ufffd&#x85;</nextToken>');
  });

  test('an error', () => {
    const answer = protocol.encodeError(new AwsError('InvalidThingID.NotFound', "The thing ID 'a<b' does not exist"), 'r-4');
    expect(answer.status).toBe(400);
    expect(answer.body).toBe(
      `${HEAD}<Response><Errors><Error><Code>InvalidThingID.NotFound</Code><Message>The thing ID 'a&lt;b' does not exist</Message></Error></Errors>` +
        '<RequestID>r-4</RequestID></Response>',
    );
  });
});

test('the idempotency token is found by its trait', () => {
  expect(protocol.idempotencyMember('CreateThing')).toBe('ClientToken');
  expect(protocol.idempotencyMember('DeleteThing')).toBeUndefined();
});
