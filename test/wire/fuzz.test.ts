/** Random and mutated requests: every protocol answers each with a value or an AwsError of 400 to 499, soon. Time-boxed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaLines } from '../../scripts/schema-writer.ts';
import { modelText } from '../../scripts/schemas.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { parseModel } from '#protocol/model.ts';
import type { Protocol } from '#protocol/protocol.ts';
import { REST_NAMESPACE, REST_XMLNS, restSchemas } from '#test/wire/rest-schemas.ts';
import { Choices } from '#test/wire/schema-values.ts';

const TIME_BOX_MS = 600;
/** Much more than any request of this size takes, much less than one that goes wrong. */
const SLOWEST_MS = 500;

interface Target {
  readonly name: string;
  readonly protocol: Protocol;
  /** Requests that are right, to be mutated. */
  readonly seeds: readonly HttpRequest[];
}

function request(method: string, path: string, query: string, body: string, headers: Record<string, string> = {}): HttpRequest {
  return { method, path, query, headers, body: Buffer.from(body) };
}

function rest(protocol: 'rest-json' | 'rest-xml'): Protocol {
  const header = {
    service: 'things',
    serviceId: 'Things',
    protocol,
    namespace: REST_NAMESPACE,
    version: '1',
    target: 'T',
    xmlNamespace: REST_XMLNS,
  };
  return createProtocol(parseModel(schemaLines(header, restSchemas, { values: {}, members: {} })));
}

const TAGS = 'TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a%20b&TagSpecification.1.Tag.1.Value=%E7%B5%8C';
const XML =
  '<?xml version="1.0"?><PutThingRequest xmlns="u"><Title>a&amp;b</Title><Items><Item><ItemName>n</ItemName><Size>3</Size></Item></Items>' +
  '<Flat>x</Flat><Flat>y</Flat><FlatMap><key>k</key><value>v</value></FlatMap><Node><Next><Weight>1</Weight></Next></Node></PutThingRequest>';
const JSON_BODY =
  '{"Title":"a","Items":[{"itemName":"n","Size":3,"When":1.5}],"FlatMap":{"k":"v"},"Node":{"Next":{"Label":"x"}},"Bytes":"aGk="}';

const targets: readonly Target[] = [
  {
    name: 'ec2',
    protocol: createProtocol(parseModel(modelText('ec2', '@aws-sdk/client-ec2'))),
    seeds: [
      request('POST', '/', '', `Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16&DryRun=true&Ipv4NetmaskLength=16&${TAGS}`),
      request('GET', '/', 'Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=5', ''),
    ],
  },
  {
    name: 'query',
    protocol: createProtocol(parseModel(modelText('iam', '@aws-sdk/client-iam'))),
    seeds: [
      request('POST', '/', '', 'Action=CreateUser&Version=2010-05-08&UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=v'),
      request('POST', '/', '', 'Action=ListUsers&Version=2010-05-08&MaxItems=10&PathPrefix=%2F'),
    ],
  },
  {
    name: 'json',
    protocol: createProtocol(parseModel(modelText('ssm', '@aws-sdk/client-ssm'))),
    seeds: [
      request('POST', '/', '', '{"Name":"/a","Value":"b","Type":"String","Tags":[{"Key":"k","Value":"v"}],"Overwrite":true}', {
        'x-amz-target': 'AmazonSSM.PutParameter',
      }),
      request('POST', '/', '', '{"InstanceIds":["i-1"],"DocumentName":"d","Parameters":{"a":["b"]},"TimeoutSeconds":30}', {
        'x-amz-target': 'AmazonSSM.SendCommand',
      }),
    ],
  },
  {
    name: 'rest-json',
    protocol: rest('rest-json'),
    seeds: [
      request('PUT', '/v1/things/a%20b/parts/c/d', 'kind=big&tag=x&tag=y&flag=true&since=2026-01-01', JSON_BODY, {
        'x-names': 'a, "b,c"',
        'x-meta-k': 'v',
      }),
    ],
  },
  {
    name: 'rest-xml',
    protocol: rest('rest-xml'),
    seeds: [
      request('PUT', '/v1/things/a%20b/parts/c/d', 'kind=big&tag=x&flag=true', XML, {
        'last-modified': 'Mon, 23 Nov 2026 03:49:46 GMT',
        'x-dates': 'x',
      }),
      request('PUT', '/v1/documents', '', '<Doc id="1"><Body>x</Body></Doc>'),
    ],
  },
];

const SCRAPS = [
  '%',
  '%ff',
  '%00',
  '&',
  '=',
  '.',
  '..',
  '.1.',
  '__proto__',
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\u0000',
  '<',
  '</',
  '>',
  '<a>',
  '&#x0;',
  ']]>',
  '<!DOCTYPE a>',
  '9'.repeat(40),
  '\u0000',
  '\ud800',
  'é',
  '-1',
  'null',
];

/** Cuts, doubles, swaps and inserts pieces of text. */
function mutate(choices: Choices, text: string): string {
  let mutated = text;
  for (let times = choices.integer(1, 4); times > 0; times--) {
    const from = choices.integer(0, mutated.length);
    const to = Math.min(mutated.length, from + choices.integer(0, 20));
    const piece = mutated.slice(from, to);
    mutated =
      mutated.slice(0, from) +
      choices.of(['', piece + piece, choices.of(SCRAPS), [...piece].toReversed().join(''), piece.repeat(choices.integer(1, 200))]) +
      mutated.slice(to);
  }
  return mutated;
}

function mutateRequest(choices: Choices, seed: HttpRequest): HttpRequest {
  const bytes = choices.once(3);
  return {
    method: seed.method,
    path: choices.once(3) ? mutate(choices, seed.path) : seed.path,
    query: choices.once(2) ? mutate(choices, seed.query) : seed.query,
    headers: Object.fromEntries(
      Object.entries(seed.headers).map(([name, value]) => [name, choices.once(3) ? mutate(choices, value ?? '') : value]),
    ),
    body: Buffer.from(mutate(choices, seed.body.toString()), bytes ? 'latin1' : 'utf8'),
  };
}

function isClientFault(error: unknown): boolean {
  return error instanceof AwsError && error.status >= 400 && error.status <= 499 && error.code !== '';
}

/** What a server does with a request, as far as the protocol goes. Returns how often the input could be read. */
function serve(protocol: Protocol, operations: readonly string[], one: HttpRequest): boolean {
  const started = performance.now();
  let isRead = false;
  protocol.namedOperation(one);
  const named = protocol.operationOf(one);
  if (named === undefined) expect(isClientFault(protocol.refusal(one))).toBe(true);
  for (const operation of named === undefined ? operations : [named]) {
    try {
      protocol.decode(operation, one);
      isRead = true;
    } catch (error) {
      if (!isClientFault(error)) throw error;
      const answer = protocol.encodeError(error as AwsError, 'r', operation); // seen to be one
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  }
  expect(performance.now() - started).toBeLessThan(SLOWEST_MS);
  expect(({} as Record<string, unknown>)['itemName']).toBeUndefined();
  return isRead;
}

describe.each(targets)('$name', ({ protocol, seeds }) => {
  const operations = seeds.map((seed) => protocol.operationOf(seed)).filter((name) => name !== undefined);

  test('the seeds are right', () => {
    expect(operations).toHaveLength(seeds.length);
    for (const seed of seeds) if (!seed.headers['x-dates']) expect(serve(protocol, operations, seed)).toBe(true);
  });

  test('mutated requests', () => {
    let read = 0;
    let tried = 0;
    fc.assert(
      fc.property(fc.integer(), (number) => {
        const choices = new Choices(number);
        tried++;
        if (serve(protocol, operations, mutateRequest(choices, choices.of(seeds)))) read++;
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: TIME_BOX_MS, endOnFailure: true },
    );
    // Some must get through and some must not, else nothing was tried.
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(tried);
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 40 }), (bytes, query) => {
        serve(protocol, operations, { method: 'POST', path: '/', query, headers: {}, body: Buffer.from(bytes) });
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: TIME_BOX_MS / 4, endOnFailure: true },
    );
  });
});
