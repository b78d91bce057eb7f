import { CreateInternetGatewayCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetRequestedServiceQuotaChangeCommand,
  GetServiceQuotaCommand,
  ListAWSDefaultServiceQuotasCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryCommand,
  ListServiceQuotasCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  paginateListServiceQuotas,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-service-quotas';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const vpcs = { ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' };
const gateways = { ServiceCode: 'vpc', QuotaCode: 'L-A4707A72' };

function clients(region = 'eu-west-1') {
  const account = keiro.freshAccount();
  return { account, quotas: keiro.client(ServiceQuotasClient, { account, region }), ec2: keiro.client(EC2Client, { account, region }) };
}

describe('quotas', () => {
  test('are listed by service', async () => {
    const { quotas, account } = clients();
    const { Services } = await quotas.send(new ListServicesCommand({}));
    expect(Services).toEqual([
      { ServiceCode: 'acm', ServiceName: 'AWS Certificate Manager (ACM)' },
      { ServiceCode: 'ec2', ServiceName: 'Amazon Elastic Compute Cloud (Amazon EC2)' },
      { ServiceCode: 'elasticloadbalancing', ServiceName: 'Elastic Load Balancing (ELB)' },
      { ServiceCode: 'vpc', ServiceName: 'Amazon Virtual Private Cloud (Amazon VPC)' },
    ]);
    const found: (string | undefined)[] = [];
    for await (const { Quotas } of paginateListServiceQuotas({ client: quotas, pageSize: 5 }, { ServiceCode: 'vpc' })) {
      found.push(...(Quotas ?? []).map(({ QuotaCode }) => QuotaCode));
    }
    expect(found).toEqual(expect.arrayContaining(['L-F678F1CE', 'L-A4707A72', 'L-0EA8095F', 'L-DFA99DE7']));
    expect(found.every((code) => /^L-[0-9A-F]{8}$/.test(code ?? ''))).toBe(true);
    expect((await quotas.send(new GetServiceQuotaCommand(vpcs))).Quota).toEqual({
      ServiceCode: 'vpc',
      ServiceName: 'Amazon Virtual Private Cloud (Amazon VPC)',
      QuotaArn: `arn:aws:servicequotas:eu-west-1:${account}:vpc/L-F678F1CE`,
      QuotaCode: 'L-F678F1CE',
      QuotaName: 'VPCs per Region',
      Value: 5,
      Unit: 'None',
      Adjustable: true,
      GlobalQuota: false,
      QuotaAppliedAtLevel: 'ACCOUNT',
    });
    expect((await quotas.send(new GetAWSDefaultServiceQuotaCommand(vpcs))).Quota).toMatchObject({
      QuotaArn: 'arn:aws:servicequotas:eu-west-1::vpc/L-F678F1CE',
      Value: 5,
    });
    expect((await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' }))).Quotas).toHaveLength(1);
    expect((await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', QuotaAppliedAtLevel: 'RESOURCE' }))).Quotas).toEqual([]);
  });

  test('of IAM are those of the whole account, in us-east-1', async () => {
    const { Services } = await clients('us-east-1').quotas.send(new ListServicesCommand({}));
    expect(Services?.map(({ ServiceCode }) => ServiceCode)).toEqual(['acm', 'ec2', 'elasticloadbalancing', 'iam', 'vpc']);
    const { Quotas } = await clients('us-east-1').quotas.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'iam' }));
    expect(Quotas).toEqual(
      expect.arrayContaining([expect.objectContaining({ QuotaName: 'Roles per account', Value: 1000, GlobalQuota: true })]),
    );
    expect(await refusal(clients().quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'iam' })))).toEqual({
      code: 'NoSuchResourceException',
      message: 'This service is not available in the current Region. Choose a different Region or a different service.',
    });
  });

  test('that do not exist are not found', async () => {
    const { quotas } = clients();
    const noService = { code: 'NoSuchResourceException', message: 'The request failed because the specified service does not exist.' };
    expect(await refusal(quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'VPC' })))).toEqual(noService);
    expect(await refusal(quotas.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'nosuch' })))).toEqual(noService);
    const noQuota = { code: 'NoSuchResourceException', message: 'The request failed because the specified service quota does not exist.' };
    // AWS has the second one, but takes no requests for it.
    for (const QuotaCode of ['L-00000000', 'prefix-lists']) {
      expect(await refusal(quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode })))).toEqual(noQuota);
      expect(await refusal(quotas.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode })))).toEqual(noQuota);
    }
  });

  test.each([
    [
      { ServiceCode: '!' },
      "1 validation error detected: Value '!' at 'serviceCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][a-zA-Z0-9-]{1,63}",
    ],
    [
      { ServiceCode: 'vpc', MaxResults: 101 },
      "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
  ])('refuse %j', async (input, message) => {
    expect(await refusal(clients().quotas.send(new ListServiceQuotasCommand(input)))).toEqual({ code: 'ValidationException', message });
  });

  test('take back only their own pages', async () => {
    const { quotas } = clients();
    const { NextToken } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', MaxResults: 1 }));
    expect((await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', MaxResults: 1, NextToken }))).Quotas).toHaveLength(1);
    const invalid = { code: 'InvalidPaginationTokenException', message: 'The specified pagination token is not valid or is expired.' };
    expect(await refusal(quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'ec2', NextToken })))).toEqual(invalid);
    expect(await refusal(quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'vpc', NextToken: 'bm9uc2Vuc2U=' })))).toEqual(invalid);
  });
});

describe('a request for more', () => {
  test('is granted at once: the sixth VPC is made', async () => {
    const { quotas, ec2, account } = clients();
    const createVpc = () => ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    // The default VPC is the first.
    for (let i = 0; i < 4; i++) await createVpc();
    expect(await refusal(createVpc())).toEqual({ code: 'VpcLimitExceeded', message: 'The maximum number of VPCs has been reached.' });
    const { RequestedQuota } = await quotas.send(new RequestServiceQuotaIncreaseCommand({ ...vpcs, DesiredValue: 6 }));
    expect(RequestedQuota).toMatchObject({
      ...vpcs,
      QuotaName: 'VPCs per Region',
      DesiredValue: 6,
      Status: 'APPROVED',
      QuotaArn: `arn:aws:servicequotas:eu-west-1:${account}:vpc/L-F678F1CE`,
      Requester: `{"accountId":"${account}","callerArn":"arn:aws:iam::${account}:root"}`,
    });
    expect((await createVpc()).Vpc?.VpcId).toMatch(/^vpc-/);
    expect((await refusal(createVpc())).code).toBe('VpcLimitExceeded');
    expect((await quotas.send(new GetServiceQuotaCommand(vpcs))).Quota?.Value).toBe(6);
    expect((await quotas.send(new GetAWSDefaultServiceQuotaCommand(vpcs))).Quota?.Value).toBe(5);
    // Other Regions and accounts keep theirs.
    const elsewhere = keiro.client(ServiceQuotasClient, { account, region: 'eu-central-1' });
    expect((await elsewhere.send(new GetServiceQuotaCommand(vpcs))).Quota?.Value).toBe(5);
  });

  test('for VPCs raises gateways by as many', async () => {
    const { quotas, ec2 } = clients();
    await quotas.send(new RequestServiceQuotaIncreaseCommand({ ...vpcs, DesiredValue: 8 }));
    expect((await quotas.send(new GetServiceQuotaCommand(gateways))).Quota?.Value).toBe(8);
    for (let i = 0; i < 7; i++) await ec2.send(new CreateInternetGatewayCommand({}));
    expect((await refusal(ec2.send(new CreateInternetGatewayCommand({})))).code).toBe('InternetGatewayLimitExceeded');
  });

  test('stays in the history', async () => {
    const { quotas } = clients();
    const ask = async (quota: typeof vpcs, DesiredValue: number) =>
      (await quotas.send(new RequestServiceQuotaIncreaseCommand({ ...quota, DesiredValue }))).RequestedQuota;
    const first = await ask(vpcs, 6);
    const second = await ask(gateways, 20);
    const tooMuch = await ask({ ServiceCode: 'vpc', QuotaCode: 'L-2AFB9258' }, 17);
    expect(tooMuch?.Status).toBe('NOT_APPROVED');
    expect((await quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-2AFB9258' }))).Quota?.Value).toBe(5);
    expect((await quotas.send(new GetRequestedServiceQuotaChangeCommand({ RequestId: first?.Id }))).RequestedQuota).toEqual(first);
    const history = async (input: object) => (await quotas.send(new ListRequestedServiceQuotaChangeHistoryCommand(input))).RequestedQuotas;
    expect(await history({})).toEqual([tooMuch, second, first]);
    expect(await history({ ServiceCode: 'vpc', Status: 'APPROVED' })).toEqual([second, first]);
    expect(await history({ ServiceCode: 'ec2' })).toEqual([]);
    expect((await quotas.send(new ListRequestedServiceQuotaChangeHistoryByQuotaCommand(vpcs))).RequestedQuotas).toEqual([first]);
    expect(await refusal(quotas.send(new GetRequestedServiceQuotaChangeCommand({ RequestId: 'nosuchrequest' })))).toEqual({
      code: 'NoSuchResourceException',
      message: 'The request failed because the specified quota change request does not exist.',
    });
  });

  test('must be for more, of a quota that can be more', async () => {
    const { quotas } = clients('us-east-1');
    for (const DesiredValue of [5, 4]) {
      expect(await refusal(quotas.send(new RequestServiceQuotaIncreaseCommand({ ...vpcs, DesiredValue })))).toEqual({
        code: 'IllegalArgumentException',
        message: 'You must provide a quota value greater than the current quota value',
      });
    }
    const fixed = { ServiceCode: 'iam', QuotaCode: 'L-384571C4', DesiredValue: 11 };
    expect(await refusal(quotas.send(new RequestServiceQuotaIncreaseCommand(fixed)))).toEqual({
      code: 'IllegalArgumentException',
      message: 'The request failed because the specified service quota is not adjustable.',
    });
  });
});

test('quotas have tags', async () => {
  const { quotas, account } = clients();
  const ResourceARN = `arn:aws:servicequotas:eu-west-1:${account}:vpc/L-F678F1CE`;
  await quotas.send(
    new TagResourceCommand({
      ResourceARN,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await quotas.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
  expect((await quotas.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([{ Key: 'b', Value: '2' }]);
  expect(await refusal(quotas.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'aws:x', Value: '1' }] })))).toEqual({
    code: 'TagPolicyViolationException',
    message: 'The specified tag is a reserved word and cannot be used.',
  });
  const foreign = 'arn:aws:servicequotas:eu-west-1:111122223333:vpc/L-F678F1CE';
  expect((await refusal(quotas.send(new ListTagsForResourceCommand({ ResourceARN: foreign })))).code).toBe('NoSuchResourceException');
});
