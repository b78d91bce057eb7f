/** A security group in a VPC of its own, for the tests of its rules. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { Keiro } from '#test/sdk/keiro.ts';

export interface Place {
  readonly ec2: EC2Client;
  readonly account: string;
  readonly vpcId: string;
  readonly group: string;
}

export async function createVpc(ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  return Vpc?.VpcId ?? '';
}

export async function createGroup(ec2: EC2Client, VpcId: string | undefined, GroupName: string): Promise<string> {
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'a group', VpcId }));
  return GroupId ?? '';
}

/** A group in a VPC of its own. */
export async function place(keiro: Keiro): Promise<Place> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  const vpcId = await createVpc(ec2);
  return { ec2, account, vpcId, group: await createGroup(ec2, vpcId, 'web') };
}

export async function allow({ ec2, group }: Pick<Place, 'ec2' | 'group'>, ...IpPermissions: IpPermission[]): Promise<SecurityGroupRule[]> {
  const { SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
  return SecurityGroupRules ?? [];
}

export async function permissions({ ec2, group }: Pick<Place, 'ec2' | 'group'>): Promise<IpPermission[] | undefined> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] }));
  return SecurityGroups?.[0]?.IpPermissions;
}

export const tcp = (port: number, ...cidrs: string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

export const manyCidrs = (count: number): string[] => Array.from({ length: count }, (_, index) => `10.1.${index}.0/24`);
