/** The exact bytes of one answer and one error per protocol, as AWS's API references print them; botocore reads each back. */
import { describe, expect, test } from 'vitest';
import { modelText } from '../../scripts/schemas.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import { parseModel } from '#protocol/model.ts';
import { askBotocore, botocoreAbsence } from '#test/wire/botocore.ts';

const absence = botocoreAbsence();
const ID = '7a62c49f-347e-4fc4-9331-6e8eEXAMPLE';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const DATE = new Date('2026-11-23T03:49:46Z');

const protocols = Object.fromEntries(
  ['ec2', 'iam', 'sts', 'ssm'].map((service) => [service, createProtocol(parseModel(modelText(service, `@aws-sdk/client-${service}`)))]),
);

interface Golden {
  readonly service: string;
  readonly operation: string;
  readonly output: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ANSWERS: readonly Golden[] = [
  {
    service: 'ec2',
    operation: 'CreateVpc',
    output: {
      Vpc: {
        OwnerId: '111122223333',
        InstanceTenancy: 'default',
        Ipv6CidrBlockAssociationSet: [],
        CidrBlockAssociationSet: [
          { AssociationId: 'vpc-cidr-assoc-062c64cfafEXAMPLE', CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } },
        ],
        IsDefault: false,
        Tags: [{ Key: 'Name', Value: 'a & b' }],
        VpcId: 'vpc-0a60eb65b4EXAMPLE',
        State: 'pending',
        CidrBlock: '10.0.0.0/16',
        DhcpOptionsId: 'dopt-19edf471',
      },
    },
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': ID },
    body:
      `${HEAD}<CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${ID}</requestId><vpc><ownerId>111122223333</ownerId>` +
      '<instanceTenancy>default</instanceTenancy><ipv6CidrBlockAssociationSet/><cidrBlockAssociationSet><item>' +
      '<associationId>vpc-cidr-assoc-062c64cfafEXAMPLE</associationId><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState>' +
      '</item></cidrBlockAssociationSet><isDefault>false</isDefault><tagSet><item><key>Name</key><value>a &amp; b</value></item></tagSet>' +
      '<vpcId>vpc-0a60eb65b4EXAMPLE</vpcId><state>pending</state><cidrBlock>10.0.0.0/16</cidrBlock><dhcpOptionsId>dopt-19edf471</dhcpOptionsId></vpc></CreateVpcResponse>',
  },
  {
    service: 'ec2',
    operation: 'DeleteVpc',
    output: {},
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': ID },
    body: `${HEAD}<DeleteVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${ID}</requestId><return>true</return></DeleteVpcResponse>`,
  },
  {
    service: 'sts',
    operation: 'GetCallerIdentity',
    output: { UserId: 'AIDACKCEVSQ6C2EXAMPLE', Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/Alice' },
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': ID },
    body:
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>' +
      '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/Alice</Arn></GetCallerIdentityResult>' +
      `<ResponseMetadata><RequestId>${ID}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  },
  {
    service: 'iam',
    operation: 'ListUsers',
    output: {
      Users: [{ Path: '/', UserName: 'Bob', UserId: 'AIDA1', Arn: 'arn:aws:iam::123456789012:user/Bob', CreateDate: DATE }],
      IsTruncated: false,
    },
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': ID },
    body:
      '<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users><member><Path>/</Path><UserName>Bob</UserName>' +
      '<UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user/Bob</Arn><CreateDate>2026-11-23T03:49:46Z</CreateDate></member></Users>' +
      `<IsTruncated>false</IsTruncated></ListUsersResult><ResponseMetadata><RequestId>${ID}</RequestId></ResponseMetadata></ListUsersResponse>`,
  },
  {
    service: 'ssm',
    operation: 'GetParameter',
    output: {
      Parameter: {
        Name: '/a',
        Type: 'String',
        Value: 'b "c"',
        Version: 1,
        LastModifiedDate: DATE,
        ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/a',
      },
    },
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': ID },
    body:
      '{"Parameter":{"Name":"/a","Type":"String","Value":"b \\"c\\"","Version":1,"LastModifiedDate":1795405786,' +
      '"ARN":"arn:aws:ssm:us-east-1:123456789012:parameter/a"}}',
  },
];

interface GoldenError {
  readonly service: string;
  readonly operation: string;
  readonly error: AwsError;
  readonly status: number;
  readonly body: string;
}

const ERRORS: readonly GoldenError[] = [
  {
    service: 'ec2',
    operation: 'DeleteVpc',
    error: new AwsError('InvalidVpcID.NotFound', "The vpc ID 'vpc-1' does not exist"),
    status: 400,
    body:
      `${HEAD}<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID 'vpc-1' does not exist</Message></Error></Errors>` +
      `<RequestID>${ID}</RequestID></Response>`,
  },
  {
    service: 'iam',
    operation: 'GetUser',
    error: new AwsError('NoSuchEntity', 'The user with name Bob cannot be found.'),
    status: 404,
    body:
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>' +
      `<Message>The user with name Bob cannot be found.</Message></Error><RequestId>${ID}</RequestId></ErrorResponse>`,
  },
  {
    service: 'ssm',
    operation: 'GetParameter',
    error: new AwsError('ParameterNotFound', ''),
    status: 400,
    body: '{"__type":"ParameterNotFound"}',
  },
];

describe('answers', () => {
  test.each(ANSWERS)('$service $operation', ({ service, operation, output, headers, body }) => {
    expect(protocols[service]?.encode(operation, output, ID)).toEqual({ status: 200, headers, body });
  });

  test('botocore reads them', (context) => {
    if (absence !== undefined) context.skip(absence);
    const cases = ANSWERS.map(({ service, operation, output, headers, body }) => ({
      service,
      operation,
      input: {},
      output,
      answer: { status: 200, headers, body },
    }));
    for (const result of askBotocore(cases)) expect(result).toMatchObject({ mismatch: null, requestId: ID });
  });
});

describe('errors', () => {
  test.each(ERRORS)('$service $operation', ({ service, operation, error, status, body }) => {
    expect(protocols[service]?.encodeError(error, ID, operation)).toMatchObject({ status, body });
  });

  test('botocore reads them', (context) => {
    if (absence !== undefined) context.skip(absence);
    const cases = ERRORS.map(({ service, operation, status, body }) => ({
      service,
      operation,
      input: {},
      output: {},
      answer: { status, headers: { 'x-amzn-requestid': ID }, body },
    }));
    const read = askBotocore(cases);
    for (const [i, { error }] of ERRORS.entries())
      expect(read[i]).toMatchObject({ error: { Code: error.code, Message: error.message }, requestId: ID });
  });
});
