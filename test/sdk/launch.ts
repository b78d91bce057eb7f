/** Launching instances in tests. */
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  type EC2Client,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';

/** The id of a Region's public image whose name begins so, e.g. `al2023`. */
export function imageId(region: string, architecture: 'x86_64' | 'arm64' = 'x86_64', name = 'al2023'): string {
  const found = [...publicImages(region).values()].findLast((image) => image.name.startsWith(name) && image.architecture === architecture);
  if (!found) throw new Error(`no image ${name} for ${architecture} in ${region}`);
  return found.id;
}

/** Runs t3.nano instances of Amazon Linux in eu-west-1, unless told otherwise: the answer's instances. */
export async function launch(ec2: EC2Client, input: Partial<RunInstancesCommandInput> = {}): Promise<Instance[]> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: imageId('eu-west-1'), InstanceType: 't3.nano', MinCount: 1, MaxCount: 1, ...input }),
  );
  return Instances ?? [];
}

/** One instance that runs: its id. */
export async function launchOne(ec2: EC2Client, input: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const [instance] = await launch(ec2, input);
  const id = instance?.InstanceId ?? '';
  await untilState(ec2, id, 'running');
  return id;
}

export async function describeInstance(ec2: EC2Client, id: string): Promise<Instance> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0] ?? {};
}

/** Looks until the instance has the state; AWS's own waiters sleep for 15 s between looks. */
export async function untilState(ec2: EC2Client, id: string, state: string): Promise<Instance> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const instance = await describeInstance(ec2, id);
    if (instance.State?.Name === state) return instance;
    if (performance.now() > deadlineMs) throw new Error(`${id} is ${instance.State?.Name}, not ${state}`);
  }
}

/** A subnet in a VPC of its own, 10.0.0.0/16. */
export async function createSubnet(ec2: EC2Client, cidr = '10.0.0.0/24'): Promise<{ vpcId: string; subnetId: string }> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: cidr }));
  return { vpcId: Vpc?.VpcId ?? '', subnetId: Subnet?.SubnetId ?? '' };
}
