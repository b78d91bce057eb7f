import { AllocateAddressCommand, CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateUserCommand, GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { expect, test } from 'vitest';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ quotas: 'off' });

test('with --quotas off nothing is too many', async () => {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  for (let i = 0; i < 12; i++) {
    await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    await ec2.send(new AllocateAddressCommand({}));
  }
  expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(13);
  // The quotas are still told as AWS has them.
  const quotas = keiro.client(ServiceQuotasClient, { account });
  expect((await quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' }))).Quota?.Value).toBe(5);
  const iam = keiro.client(IAMClient, { account });
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  expect((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap).toMatchObject({ Users: 1, UsersQuota: 5000 });
});
