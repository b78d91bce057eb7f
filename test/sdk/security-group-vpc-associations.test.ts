import {
  AssociateSecurityGroupVpcCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupReferencesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSecurityGroupVpcAssociationsCommand,
  DescribeStaleSecurityGroupsCommand,
  DescribeVpcsCommand,
  DisassociateSecurityGroupVpcCommand,
  EC2Client,
  GetSecurityGroupsForVpcCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupVpcAssociation,
} from '@aws-sdk/client-ec2';
import { describe, expect, test, vi } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

interface Place {
  readonly ec2: EC2Client;
  readonly account: string;
  /** The group's VPC, and the one that it is lent to. */
  readonly home: string;
  readonly away: string;
  readonly group: string;
}

async function createVpc(ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  return Vpc?.VpcId ?? '';
}

async function createGroup(ec2: EC2Client, VpcId: string, GroupName: string): Promise<string> {
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'a group', VpcId }));
  return GroupId ?? '';
}

async function place(): Promise<Place> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  const [home, away] = [await createVpc(ec2), await createVpc(ec2)];
  return { ec2, account, home, away, group: await createGroup(ec2, home, 'web') };
}

async function associations({ ec2, group }: Place): Promise<SecurityGroupVpcAssociation[]> {
  const Filters = [{ Name: 'group-id', Values: [group] }];
  const { SecurityGroupVpcAssociations } = await ec2.send(new DescribeSecurityGroupVpcAssociationsCommand({ Filters }));
  return SecurityGroupVpcAssociations ?? [];
}

async function associate(here: Place): Promise<void> {
  await here.ec2.send(new AssociateSecurityGroupVpcCommand({ GroupId: here.group, VpcId: here.away }));
  await vi.waitFor(async () => expect(await associations(here)).toMatchObject([{ State: 'associated' }]), { timeout: 5000 });
}

async function disassociate(here: Place): Promise<void> {
  await here.ec2.send(new DisassociateSecurityGroupVpcCommand({ GroupId: here.group, VpcId: here.away }));
  await vi.waitFor(async () => expect(await associations(here)).toEqual([]), { timeout: 5000 });
}

async function usableIn(ec2: EC2Client, VpcId: string, Name?: string, ...Values: string[]): Promise<(string | undefined)[]> {
  const Filters = Name === undefined ? undefined : [{ Name, Values }];
  const { SecurityGroupForVpcs } = await ec2.send(new GetSecurityGroupsForVpcCommand({ VpcId, Filters }));
  return (SecurityGroupForVpcs ?? []).map((group) => group.GroupName);
}

describe('associations of a group with further VPCs', () => {
  test('come, are described and go', async () => {
    const here = await place();
    const { ec2, account, group, away } = here;
    expect(await ec2.send(new AssociateSecurityGroupVpcCommand({ GroupId: group, VpcId: away }))).toMatchObject({ State: 'associating' });
    await associate(here);
    const shown = { GroupId: group, GroupOwnerId: account, VpcId: away, VpcOwnerId: account, State: 'associated' };
    expect(await associations(here)).toEqual([shown]);
    for (const [Name, value] of [
      ['vpc-id', away],
      ['state', 'associated'],
      ['group-owner-id', account],
      ['vpc-owner-id', account],
    ] as const) {
      const { SecurityGroupVpcAssociations } = await ec2.send(
        new DescribeSecurityGroupVpcAssociationsCommand({ Filters: [{ Name, Values: [value] }] }),
      );
      expect(SecurityGroupVpcAssociations).toEqual([shown]);
    }
    expect(await ec2.send(new DisassociateSecurityGroupVpcCommand({ GroupId: group, VpcId: away }))).toMatchObject({
      State: 'disassociating',
    });
    await vi.waitFor(async () => expect(await associations(here)).toEqual([]), { timeout: 5000 });
  });

  test('let interfaces of the other VPC have the group', async () => {
    const here = await place();
    const { ec2, group, home, away } = here;
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: away, CidrBlock: '10.0.0.0/24' }));
    const SubnetId = Subnet?.SubnetId;
    expect(await refusal(ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [group] })))).toEqual({
      code: 'InvalidParameter',
      message: `Security group ${group} and subnet ${SubnetId} belong to different networks.`,
    });
    await associate(here);
    expect(await usableIn(ec2, away)).toEqual(['default', 'web']);
    expect(await usableIn(ec2, away, 'primary-vpc-id', home)).toEqual(['web']);
    expect(await usableIn(ec2, away, 'group-name', 'def*')).toEqual(['default']);
    expect(await usableIn(ec2, home)).toEqual(['default', 'web']);
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [group] }));
    expect(await refusal(ec2.send(new DisassociateSecurityGroupVpcCommand({ GroupId: group, VpcId: away })))).toEqual({
      code: 'DependencyViolation',
      message: `resource ${group} has a dependent object`,
    });
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId }));
    await disassociate(here);
    expect(await usableIn(ec2, away)).toEqual(['default']);
  });

  test('keep the group from being deleted', async () => {
    const here = await place();
    await associate(here);
    expect(await refusal(here.ec2.send(new DeleteSecurityGroupCommand({ GroupId: here.group })))).toEqual({
      code: 'DependencyViolation',
      message: `resource ${here.group} has a dependent object`,
    });
    await disassociate(here);
    await here.ec2.send(new DeleteSecurityGroupCommand({ GroupId: here.group }));
  });

  test('let groups of the two VPCs name each other, and leave stale rules behind', async () => {
    const here = await place();
    const { ec2, account, group, home, away } = here;
    const db = await createGroup(ec2, away, 'db');
    await associate(here);
    const fromDb = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: db }] };
    const { SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [fromDb] }));
    expect(SecurityGroupRules).toMatchObject([{ ReferencedGroupInfo: { GroupId: db, UserId: account, VpcId: away } }]);
    const references = await ec2.send(new DescribeSecurityGroupReferencesCommand({ GroupId: [db, group] }));
    expect(references.SecurityGroupReferenceSet).toEqual([{ GroupId: db, ReferencingVpcId: home }]);

    const stale = () => ec2.send(new DescribeStaleSecurityGroupsCommand({ VpcId: home }));
    expect((await stale()).StaleSecurityGroupSet).toEqual([]);
    await disassociate(here);
    expect((await stale()).StaleSecurityGroupSet).toEqual([
      {
        GroupId: group,
        GroupName: 'web',
        Description: 'a group',
        VpcId: home,
        StaleIpPermissions: [
          { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: db, UserId: account, VpcId: away }] },
        ],
        StaleIpPermissionsEgress: [],
      },
    ]);
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: db }));
    expect((await stale()).StaleSecurityGroupSet).toHaveLength(1);
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [fromDb] }));
    expect((await stale()).StaleSecurityGroupSet).toEqual([]);
  });

  test('are refused to default groups, the own VPC and the default VPC', async () => {
    const { ec2, group, home, away } = await place();
    const lend = (GroupId: string, VpcId: string) => refusal(ec2.send(new AssociateSecurityGroupVpcCommand({ GroupId, VpcId })));
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'vpc-id', Values: [home] },
          { Name: 'group-name', Values: ['default'] },
        ],
      }),
    );
    const defaultGroup = SecurityGroups?.[0]?.GroupId ?? '';
    expect(await lend(defaultGroup, away)).toEqual({
      code: 'InvalidParameterValue',
      message: `The default security group '${defaultGroup}' cannot be associated with a VPC`,
    });
    expect(await lend(group, home)).toEqual({
      code: 'InvalidParameterValue',
      message: `The security group '${group}' was created in the VPC '${home}'`,
    });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
    const defaultVpc = Vpcs?.[0]?.VpcId ?? '';
    expect(await lend(group, defaultVpc)).toEqual({
      code: 'InvalidParameterValue',
      message: `A security group cannot be associated with the default VPC '${defaultVpc}'`,
    });
    expect(await refusal(ec2.send(new DisassociateSecurityGroupVpcCommand({ GroupId: group, VpcId: away })))).toEqual({
      code: 'InvalidParameterValue',
      message: `The security group '${group}' is not associated with the VPC '${away}'`,
    });
  });
});
