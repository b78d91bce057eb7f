import {
  CreateManagedPrefixListCommand,
  CreateRouteCommand,
  CreateVpcCommand,
  DeleteManagedPrefixListCommand,
  DescribeManagedPrefixListsCommand,
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  GetManagedPrefixListAssociationsCommand,
  GetManagedPrefixListEntriesCommand,
  ModifyManagedPrefixListCommand,
  RestoreManagedPrefixListVersionCommand,
  CreateInternetGatewayCommand,
  AttachInternetGatewayCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function made(entries: readonly string[] = ['192.0.2.0/24'], MaxEntries = 3) {
  const ec2 = keiro.client(EC2Client);
  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries,
      Entries: entries.map((Cidr) => ({ Cidr, Description: 'an office' })),
    }),
  );
  const id = PrefixList?.PrefixListId ?? '';
  const cidrs = async (TargetVersion?: number) =>
    (await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: id, TargetVersion }))).Entries?.map((entry) => entry.Cidr);
  return { ec2, id, PrefixList, cidrs };
}

describe('managed prefix lists', () => {
  test('keep versions of their entries', async () => {
    const { ec2, id, PrefixList, cidrs } = await made();
    expect(PrefixList).toMatchObject({ State: 'create-in-progress', Version: 1, MaxEntries: 3, AddressFamily: 'IPv4' });
    await ec2.send(
      new ModifyManagedPrefixListCommand({
        PrefixListId: id,
        CurrentVersion: 1,
        AddEntries: [{ Cidr: '198.51.100.7/24' }],
        RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
      }),
    );
    expect(await cidrs()).toEqual(['198.51.100.0/24']);
    expect(await cidrs(1)).toEqual(['192.0.2.0/24']);
    await ec2.send(new RestoreManagedPrefixListVersionCommand({ PrefixListId: id, PreviousVersion: 1, CurrentVersion: 2 }));
    expect(await cidrs()).toEqual(['192.0.2.0/24']);
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id] }));
    expect(PrefixLists).toMatchObject([{ Version: 3, State: 'restore-complete', PrefixListName: 'offices' }]);
  });

  test.each([
    [{ CurrentVersion: 7, AddEntries: [{ Cidr: '203.0.113.0/24' }] }, 'PrefixListVersionMismatch'],
    [{ AddEntries: [{ Cidr: '203.0.113.0/24' }] }, 'MissingParameter'],
    [{ CurrentVersion: 1, AddEntries: [{ Cidr: '203.0.113.0/24' }], MaxEntries: 5 }, 'InvalidParameterCombination'],
    [{ CurrentVersion: 1, RemoveEntries: [{ Cidr: '203.0.113.0/24' }] }, 'InvalidParameterValue'],
    [{ CurrentVersion: 1, AddEntries: [{ Cidr: '2001:db8::/32' }] }, 'InvalidParameterValue'],
    [{ CurrentVersion: 1, AddEntries: [{ Cidr: 'nowhere' }] }, 'InvalidParameterValue'],
    [{ MaxEntries: 0 }, 'InvalidParameterValue'],
    [{ PrefixListName: 'com.amazonaws.mine' }, 'InvalidParameterValue'],
    [
      { CurrentVersion: 1, AddEntries: ['10.0.0.0/8', '10.0.0.0/9', '10.0.0.0/10'].map((Cidr) => ({ Cidr })) },
      'PrefixListMaxEntriesExceeded',
    ],
  ])('refuse the change %j', async (change, code) => {
    const { ec2, id, cidrs } = await made();
    expect(await refusal(ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, ...change })))).toMatchObject({ code });
    expect(await cidrs()).toEqual(['192.0.2.0/24']);
  });

  test('are routes, and are not deleted while they are', async () => {
    const { ec2, id } = await made();
    const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
    const gatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId;
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gatewayId }));
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }));
    const RouteTableId = RouteTables?.[0]?.RouteTableId;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationPrefixListId: id, GatewayId: gatewayId }));
    const found = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId ?? ''] }));
    expect(found.RouteTables?.[0]?.Routes?.[1]).toMatchObject({ DestinationPrefixListId: id, GatewayId: gatewayId, State: 'active' });
    const used = await ec2.send(new GetManagedPrefixListAssociationsCommand({ PrefixListId: id }));
    expect(used.PrefixListAssociations?.map((one) => one.ResourceId)).toEqual([RouteTableId]);
    expect(await refusal(ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId: id })))).toEqual({
      code: 'DependencyViolation',
      message: `The prefix list '${id}' is referenced by ${RouteTableId} and cannot be deleted.`,
    });
  });

  test("are AWS's too, which nobody changes", async () => {
    const ec2 = keiro.client(EC2Client, { region: 'us-east-1' });
    const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
    expect(PrefixLists?.map((list) => list.PrefixListName)).toEqual(['com.amazonaws.us-east-1.s3', 'com.amazonaws.us-east-1.dynamodb']);
    expect(PrefixLists?.[0]?.PrefixListId).toBe('pl-63a5400a');
    const { PrefixLists: owned } = await ec2.send(
      new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'owner-id', Values: ['AWS'] }] }),
    );
    expect(owned).toHaveLength(2);
    expect(await refusal(ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId: 'pl-63a5400a' })))).toEqual({
      code: 'UnauthorizedOperation',
      message: "The prefix list 'pl-63a5400a' is owned by AWS and cannot be changed.",
    });
    expect(await refusal(ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: 'pl-0123' })))).toEqual({
      code: 'InvalidPrefixListID.NotFound',
      message: "The prefix list ID 'pl-0123' does not exist",
    });
  });
});
