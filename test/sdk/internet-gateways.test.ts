import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DescribeInternetGatewaysCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  paginateDescribeInternetGateways,
  waitUntilInternetGatewayExists,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function createGateway(ec2: EC2Client, name?: string): Promise<string> {
  const { InternetGateway } = await ec2.send(
    new CreateInternetGatewayCommand(
      name ? { TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: [{ Key: 'Name', Value: name }] }] } : {},
    ),
  );
  return InternetGateway?.InternetGatewayId ?? '';
}

async function createVpc(ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  return Vpc?.VpcId ?? '';
}

describe('internet gateways', () => {
  test('are made, attached to one VPC, detached and deleted', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await createGateway(ec2, 'edge');
    const vpcId = await createVpc(ec2);
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId }));
    await waitUntilInternetGatewayExists({ client: ec2, maxWaitTime: 10 }, { InternetGatewayIds: [id] });

    const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    expect(InternetGateways).toMatchObject([
      { InternetGatewayId: id, Attachments: [{ State: 'available', VpcId: vpcId }], Tags: [{ Key: 'Name', Value: 'edge' }] },
    ]);

    expect(await refusal(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })))).toEqual({
      code: 'DependencyViolation',
      message: `The internetGateway '${id}' has dependencies and cannot be deleted.`,
    });
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
    expect(await refusal(ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] })))).toEqual({
      code: 'InvalidInternetGatewayID.NotFound',
      message: `The internetGateway ID '${id}' does not exist`,
    });
  });

  test('are attached once, and a VPC has one', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first, second, vpcId] = [await createGateway(ec2), await createGateway(ec2), await createVpc(ec2)];
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: first, VpcId: vpcId }));
    expect(await refusal(ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: first, VpcId: vpcId })))).toEqual({
      code: 'Resource.AlreadyAssociated',
      message: `resource ${first} is already attached to network ${vpcId}`,
    });
    expect(await refusal(ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: second, VpcId: vpcId })))).toEqual({
      code: 'InvalidParameterValue',
      message: `Network ${vpcId} already has an internet gateway attached`,
    });
    expect(await refusal(ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: second, VpcId: vpcId })))).toEqual({
      code: 'Gateway.NotAttached',
      message: `resource ${second} is not attached to network ${vpcId}`,
    });
  });

  test('are five per Region', async () => {
    const ec2 = keiro.client(EC2Client);
    // The default VPC has one.
    for (let count = 0; count < 4; count++) await createGateway(ec2);
    expect(await refusal(createGateway(ec2))).toEqual({
      code: 'InternetGatewayLimitExceeded',
      message: 'The maximum number of internet gateways has been reached.',
    });
  });

  test('are filtered with wildcards and paged', async () => {
    const ec2 = keiro.client(EC2Client, { region: 'ap-northeast-1' });
    const ids = [await createGateway(ec2, 'edge-1'), await createGateway(ec2, 'edge-2'), await createGateway(ec2, 'other')];
    const found = await ec2.send(new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'tag:Name', Values: ['edge-?'] }] }));
    expect(found.InternetGateways?.map((gateway) => gateway.InternetGatewayId)).toEqual(ids.slice(0, 2));
    expect(await refusal(ec2.send(new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });

    const pages: number[] = [];
    const paginator = paginateDescribeInternetGateways(
      { client: ec2, pageSize: 5 },
      { Filters: [{ Name: 'internet-gateway-id', Values: ['igw-*'] }] },
    );
    for await (const page of paginator) pages.push(page.InternetGateways?.length ?? 0);
    expect(pages).toEqual([4]);
    expect(await refusal(ec2.send(new DescribeInternetGatewaysCommand({ NextToken: 'bm90IGEgdG9rZW4' })))).toEqual({
      code: 'InvalidPaginationToken',
      message: 'The specified pagination token is not valid or is expired.',
    });
  });

  test('try without doing when told DryRun', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(ec2.send(new CreateInternetGatewayCommand({ DryRun: true })))).toEqual({
      code: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
    });
  });
});
