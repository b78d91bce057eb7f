/** Input that is wrong whatever the call: things of others, requests without a signature, an action or a service, requests sent twice. */
import {
  AllocateAddressCommand,
  AssociateNatGatewayAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNatGatewaysCommand,
  DescribeVpcsCommand,
  EC2Client,
  UnassignPrivateNatGatewayAddressCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, type Connection, implementedApis, type Values } from '#test/fuzz/api.ts';
import { followRecords } from '#test/fuzz/known.ts';
import { drawInput, sane } from '#test/fuzz/plausible-inputs.ts';
import { buildWorld } from '#test/fuzz/world.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { Choices } from '#test/wire/schema-values.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const ec2Api = (await implementedApis()).find(({ service }) => service === 'ec2');
if (!ec2Api) throw new Error('there is no EC2');
const records = followRecords(keiro.store);
afterAll(() => records.stop());

describe('things of others', () => {
  const owner = { account: keiro.freshAccount(), region: 'eu-west-1' };
  const stranger = { account: keiro.freshAccount(), region: 'eu-west-1' };
  const abroad = { account: owner.account, region: 'us-west-2' };
  const connections = new Map<object, Connection>();
  const callAs = async (who: object, operation: string, input: Values) => connections.get(who)?.call(operation, input);
  beforeAll(async () => {
    for (const who of [owner, stranger, abroad]) connections.set(who, ec2Api.connect(keiro, who.account, who.region));
    await buildWorld('ec2', connectionOf(owner));
    // Their own network, so that it is not made in the midst of the test.
    for (const who of [stranger, abroad]) await callAs(who, 'DescribeVpcs', {});
  });
  afterAll(() => connections.forEach((connection) => connection.close()));
  const connectionOf =
    (who: object): Call =>
    (operation, input) =>
      connections.get(who)?.call(operation, input) ?? Promise.reject(new Error('not connected'));

  /** Inputs of each operation. */
  const draws = 6;

  test.each(ec2Api.operations)('%s neither touches them nor tells that they are there', async (operation) => {
    for (const who of [stranger, abroad]) {
      for (let seed = 0; seed < draws; seed++) {
        const known = records.knownTo(owner.account, owner.region);
        const input = drawInput({ choices: new Choices(seed), model: ec2Api.model, known, operation, manner: sane });
        const theirs = idsIn(input).filter((id) => [...known.ids.values()].some((ids) => ids.includes(id)));
        if (theirs.length === 0) continue;
        const before = keiro.store.version;
        const changed: string[] = [];
        const stop = keiro.store.subscribe((commit) =>
          changed.push(...commit.changes.map((one) => `${one.partition.account} ${one.partition.region}`)),
        );
        const outcome = await callAs(who, operation, { ...input, DryRun: undefined });
        stop();
        expect(changed).not.toContain(`${owner.account} ${owner.region}`);
        const invented = (text: string): string => theirs.reduce((now, id) => now.replaceAll(id, inventedLike(id)), text);
        if (outcome?.output) {
          const told = idsIn(outcome.output).filter(
            (id) => !idsIn(input).includes(id) && isKnown(records.knownTo(owner.account, owner.region).ids, id),
          );
          if (who === stranger) expect([operation, input, told]).toEqual([operation, input, []]);
          continue;
        }
        expect(keiro.store.version, 'commits').toBe(before);
        const withNothing = await callAs(who, operation, JSON.parse(invented(JSON.stringify(input))) as Values); // what was plain JSON
        expect([operation, input, withNothing?.code, withNothing?.message]).toEqual([
          operation,
          input,
          outcome?.code,
          invented(outcome?.message ?? ''),
        ]);
      }
    }
  });
});

function idsIn(value: unknown): readonly string[] {
  return JSON.stringify(value).match(/\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{17}\b/g) ?? [];
}

function isKnown(ids: ReadonlyMap<string, readonly string[]>, id: string): boolean {
  return [...ids.values()].some((known) => known.includes(id));
}

/** An id of the same kind that nothing has. */
function inventedLike(id: string): string {
  return id.replace(
    /[0-9a-f]{17}$/,
    (digits) => `0${[...digits.slice(1)].map((digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join('')}`,
  );
}

describe('requests', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const scope = (service: string, region = 'eu-west-1') =>
    `AWS4-HMAC-SHA256 Credential=123456789012/20260101/${region}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
  const post = async (body: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
    const response = await fetch(keiro.endpoint, { method: 'POST', body, headers: { ...form, ...headers } });
    return { status: response.status, text: await response.text() };
  };
  const errorOf = (text: string): { code: string | undefined; message: string | undefined } => ({
    code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? /"__type":"(.*?)"/.exec(text)?.[1],
    message: /<Message>(.*?)<\/Message>/.exec(text)?.[1] ?? /"[mM]essage":"(.*?)"/.exec(text)?.[1],
  });

  test.each<[name: string, body: string, headers: Record<string, string>, status: number, code: string, message: string]>([
    [
      'with nothing that names a service',
      'Action=DescribeVpcs',
      {},
      403,
      'MissingAuthenticationToken',
      'The request names no AWS service: it is not signed and has no known host, target or version.',
    ],
    [
      'for a service that Keiro does not have',
      'Action=ListQueues&Version=2012-11-05',
      { authorization: scope('sqs') },
      501,
      'NotImplemented',
      "Keiro does not have the AWS service 'sqs'. 'keiro coverage' lists what it has.",
    ],
    [
      'for an action that EC2 does not have',
      'Action=MakeVpc&Version=2016-11-15',
      { authorization: scope('ec2') },
      400,
      'InvalidAction',
      'The action MakeVpc is not valid for this web service.',
    ],
    [
      'for an action that Keiro does not have yet',
      'Action=CreateFleet&Version=2016-11-15',
      { authorization: scope('ec2') },
      501,
      'NotImplemented',
      "Keiro does not implement ec2 CreateFleet yet. 'keiro coverage' lists what it does implement.",
    ],
    [
      'of a version that EC2 never had',
      'Action=DescribeVpcs&Version=1999-01-01',
      { authorization: scope('ec2') },
      400,
      'NoSuchVersion',
      'The requested version (1999-01-01) of service AmazonEC2 does not exist',
    ],
    [
      'without an action',
      'Version=2016-11-15',
      { authorization: scope('ec2') },
      400,
      'MissingAction',
      'The request must contain the parameter Action',
    ],
    [
      'with a parameter that the call does not have',
      'Action=DescribeVpcs&Version=2016-11-15&Colour=red',
      { authorization: scope('ec2') },
      400,
      'UnknownParameter',
      'The parameter Colour is not recognized',
    ],
    [
      'without a parameter that the call needs',
      'Action=CreateSubnet&Version=2016-11-15',
      { authorization: scope('ec2') },
      400,
      'MissingParameter',
      'The request must contain the parameter VpcId',
    ],
  ])('%s', async (_name, body, headers, status, code, message) => {
    const answer = await post(body, headers);
    expect({ status: answer.status, ...errorOf(answer.text) }).toEqual({ status, code, message });
  });

  test('without a signature, but with a version, reach the default account', async () => {
    const answer = await post('Action=DescribeVpcs&Version=2016-11-15');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<ownerId>123456789012</ownerId>');
  });

  test('sent twice, byte for byte, with a client token happen once', async () => {
    const ec2 = keiro.client(EC2Client, { account: '777777777777' });
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.0.0/24' }));
    const body = `Action=CreateNatGateway&Version=2016-11-15&ConnectivityType=private&SubnetId=${Subnet?.SubnetId}&ClientToken=once`;
    const headers = { authorization: scope('ec2').replace('123456789012', '777777777777') };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(body, headers)));
    const ids = answers.map(({ text }) => /<natGatewayId>(.*?)<\/natGatewayId>/.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(1);
    expect((await ec2.send(new DescribeNatGatewaysCommand({}))).NatGateways?.map((one) => one.NatGatewayId)).toEqual([ids[0]]);
  });

  test.each(['mars-north-1', 'us-east-1a', 'global', 'EU-WEST-1'])('for a Region that AWS does not have: %s', async (region) => {
    const elsewhere = keiro.client(EC2Client, { region });
    const message = `Credential should be scoped to a valid region, not '${region}'. `;
    expect(await refusal(elsewhere.send(new DescribeVpcsCommand({})))).toEqual({ code: 'AuthFailure', message });
    const answer = await fetch(keiro.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonSSM.DescribeParameters',
        authorization: scope('ssm', region),
      },
      body: '{}',
    });
    expect({ status: answer.status, ...errorOf(await answer.text()) }).toEqual({ status: 400, code: 'InvalidSignatureException', message });
  });

  test('go to the Region that their signature names', async () => {
    const account = keiro.freshAccount();
    const { Vpc } = await keiro
      .client(EC2Client, { account, region: 'ap-northeast-1' })
      .send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const elsewhere = keiro.client(EC2Client, { account, region: 'ap-northeast-3' });
    expect(await refusal(elsewhere.send(new DescribeVpcsCommand({ VpcIds: [Vpc?.VpcId ?? ''] })))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: `The vpc ID '${Vpc?.VpcId}' does not exist`,
    });
  });
});

describe('the same thing named twice', () => {
  test('an Elastic IP for one NAT gateway', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: Vpc?.VpcId ?? '', InternetGatewayId }));
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.0.0/24' }));
    const { AllocationId = '' } = await ec2.send(new AllocateAddressCommand({}));
    const SubnetId = Subnet?.SubnetId ?? '';
    const twice = { code: 'InvalidParameterValue', message: `The allocation ID '${AllocationId}' is specified more than once.` };
    const asked = new CreateNatGatewayCommand({ SubnetId, AllocationId, SecondaryAllocationIds: [AllocationId] });
    expect(await refusal(ec2.send(asked))).toEqual(twice);

    const { AllocationId: other = '' } = await ec2.send(new AllocateAddressCommand({}));
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId, AllocationId: other }));
    const NatGatewayId = NatGateway?.NatGatewayId ?? '';
    await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }));
    const added = new AssociateNatGatewayAddressCommand({ NatGatewayId, AllocationIds: [AllocationId, AllocationId] });
    expect(await refusal(ec2.send(added))).toEqual(twice);
  });
});

describe('counts of a NAT gateway', () => {
  test('are within AWS’s range and quotas, also when it is made', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.0.0/24' }));
    const make = (SecondaryPrivateIpAddressCount: number) =>
      ec2.send(new CreateNatGatewayCommand({ SubnetId: Subnet?.SubnetId, ConnectivityType: 'private', SecondaryPrivateIpAddressCount }));
    for (const count of [-1, 0, 32]) {
      expect(await refusal(make(count))).toEqual({
        code: 'InvalidParameterValue',
        message: `Value (${count}) for parameter secondaryPrivateIpAddressCount is invalid. Expecting a value between 1 and 31.`,
      });
    }
    const drain = new UnassignPrivateNatGatewayAddressCommand({
      NatGatewayId: 'nat-1',
      PrivateIpAddresses: ['10.0.0.9'],
      MaxDrainDurationSeconds: 4001,
    });
    expect(await refusal(ec2.send(drain))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (4001) for parameter maxDrainDurationSeconds is invalid. Expecting a value between 1 and 4000.',
    });
    expect(await refusal(make(8))).toEqual({
      code: 'NatGatewayAddressLimitExceeded',
      message: 'The maximum of 8 private IP addresses per NAT gateway has been reached.',
    });
    expect((await make(7)).NatGateway?.NatGatewayAddresses).toHaveLength(8);
  });
});
