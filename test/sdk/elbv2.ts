/** Networks and load balancers that the tests of Elastic Load Balancing stand on. */
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  type Action,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Keiro, refusal as sdkRefusal } from '#test/sdk/keiro.ts';

export interface BalancerWorld {
  readonly account: string;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly vpcId: string;
  /** In eu-west-1a, b and c: 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24. */
  readonly subnetIds: readonly [string, string, string];
  readonly defaultGroupId: string;
}

/** A VPC with a subnet in each zone, and with an internet gateway unless told otherwise. */
export async function balancerWorld(keiro: Keiro, { hasGateway = true } = {}): Promise<BalancerWorld> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  const elb = keiro.client(ElasticLoadBalancingV2Client, { account });
  const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
  if (hasGateway) {
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: InternetGateway?.InternetGatewayId }));
  }
  const [a = '', b = '', c = ''] = await Promise.all(['a', 'b', 'c'].map((zone, index) => createSubnet(ec2, vpcId, index, zone)));
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }));
  return { account, ec2, elb, vpcId, subnetIds: [a, b, c], defaultGroupId: SecurityGroups?.[0]?.GroupId ?? '' };
}

/** A subnet 10.0.`index`.0, of 256 addresses unless told otherwise. */
export async function createSubnet(ec2: EC2Client, vpcId: string, index: number, zone: string, length = 24): Promise<string> {
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: `10.0.${index}.0/${length}`, AvailabilityZone: `eu-west-1${zone}` }),
  );
  return Subnet?.SubnetId ?? '';
}

export type Made<T, K extends keyof T> = T & { readonly [P in K]-?: string };

/** An application load balancer `web` in the first two subnets. */
export async function createBalancer(
  { elb, subnetIds }: BalancerWorld,
  input: Partial<CreateLoadBalancerCommandInput> = {},
): Promise<Made<LoadBalancer, 'LoadBalancerArn' | 'DNSName'>> {
  const subnets = input.SubnetMappings || input.Subnets ? {} : { Subnets: subnetIds.slice(0, 2) };
  const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: 'web', ...subnets, ...input }));
  const made = LoadBalancers?.[0];
  return { ...made, LoadBalancerArn: made?.LoadBalancerArn ?? '', DNSName: made?.DNSName ?? '' };
}

/** A target group `apps` of instances, HTTP on port 80. */
export async function createGroup(
  { elb, vpcId }: BalancerWorld,
  input: Partial<CreateTargetGroupCommandInput> = {},
): Promise<Made<TargetGroup, 'TargetGroupArn'>> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: 'apps', Protocol: 'HTTP', Port: 80, VpcId: vpcId, ...input }),
  );
  return { ...TargetGroups?.[0], TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn ?? '' };
}

export const forwardTo = (...arns: readonly string[]): Action[] => [
  { Type: 'forward', ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn })) } },
];

export const answer = (StatusCode = '404'): Action[] => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode } }];

/** A listener on port 80, HTTP, that answers 404. */
export async function createListener(
  { elb }: BalancerWorld,
  LoadBalancerArn: string,
  input: Partial<CreateListenerCommandInput> = {},
): Promise<Made<Listener, 'ListenerArn'>> {
  const { Listeners } = await elb.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: answer(), ...input }),
  );
  return { ...Listeners?.[0], ListenerArn: Listeners?.[0]?.ListenerArn ?? '' };
}

/** What a call was refused with: the code as it stands in the answer, which the SDK gives longer names to. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const { code, message } = await sdkRefusal(call);
  return { code: code === 'ALPNPolicyNotSupportedException' ? 'ALPNPolicyNotFound' : code.replace(/Exception$/, ''), message };
}
