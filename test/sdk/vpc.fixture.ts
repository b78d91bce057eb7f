/** VPCs made and read, for the tests of VPCs and of their blocks. */
import { CreateVpcCommand, type CreateVpcCommandInput, DescribeVpcsCommand, type EC2Client, type Vpc } from '@aws-sdk/client-ec2';

export async function createVpc(ec2: EC2Client, input: Partial<CreateVpcCommandInput> = {}): Promise<Vpc & { VpcId: string }> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...input }));
  if (!Vpc?.VpcId) throw new Error('no VPC in the answer');
  return { ...Vpc, VpcId: Vpc.VpcId };
}

export async function describeVpc(ec2: EC2Client, id: string): Promise<Vpc> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }));
  return Vpcs?.[0] ?? {};
}
