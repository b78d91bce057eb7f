/** A network to trace packets in: a public and a private subnet with an instance each, both families, everything allowed; and the asking. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, expect } from 'vitest';
import type { TraceView } from '#services/ec2/public.ts';
import { keiro, type KeiroProcess, startKeiro } from '#test/cli/keiro-process.ts';

const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

export interface Host {
  readonly id: string;
  readonly eni: string;
}

export interface TraceNetwork {
  readonly vpc: string;
  readonly igw: string;
  readonly publicSubnet: string;
  readonly privateSubnet: string;
  readonly publicTable: string;
  readonly privateTable: string;
  readonly group: string;
  /** Of both subnets. */
  readonly acl: string;
  /** 10.0.0.10 in the public subnet, without a public address. */
  readonly web: Host;
  /** 10.0.1.10 in the private subnet, whose table leads nowhere. */
  readonly app: Host;
}

export async function traceNetwork(ec2: EC2Client): Promise<TraceNetwork> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }));
  const vpc = Vpc?.VpcId ?? '';
  const ipv6 = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '';
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const igw = InternetGateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: igw, VpcId: vpc }));
  const subnet = async (number: number): Promise<string> => {
    const Ipv6CidrBlock = ipv6.replace('00::/56', `0${number}::/64`);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock: `10.0.${number}.0/24`, Ipv6CidrBlock }));
    return Subnet?.SubnetId ?? '';
  };
  const table = async (SubnetId: string): Promise<string> => {
    const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId: vpc }))).RouteTable?.RouteTableId ?? '';
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return RouteTableId;
  };
  const [publicSubnet, privateSubnet] = [await subnet(0), await subnet(1)];
  const [publicTable, privateTable] = [await table(publicSubnet), await table(privateSubnet)];
  await ec2.send(new CreateRouteCommand({ RouteTableId: publicTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igw }));
  await ec2.send(new CreateRouteCommand({ RouteTableId: publicTable, DestinationIpv6CidrBlock: '::/0', GatewayId: igw }));
  const group = (await ec2.send(new CreateSecurityGroupCommand({ VpcId: vpc, GroupName: 'open', Description: 'all' }))).GroupId ?? '';
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }));
  return {
    ...{ vpc, igw, publicSubnet, privateSubnet, publicTable, privateTable, group },
    acl: NetworkAcls?.[0]?.NetworkAclId ?? '',
    web: await launch(ec2, publicSubnet, group, '10.0.0.10'),
    app: await launch(ec2, privateSubnet, group, '10.0.1.10'),
  };
}

/** An instance with one IPv6 address. */
export async function launch(ec2: EC2Client, SubnetId: string, group: string, PrivateIpAddress: string, name?: string): Promise<Host> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: linux,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId, Groups: [group], PrivateIpAddress, Ipv6AddressCount: 1, AssociatePublicIpAddress: false },
      ],
      ...(name === undefined ? {} : { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }] }),
    }),
  );
  return { id: Instances?.[0]?.InstanceId ?? '', eni: Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '' };
}

/** A new Elastic IP on an interface; its address. */
export async function givePublicAddress(ec2: EC2Client, NetworkInterfaceId: string): Promise<string> {
  const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
  await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId }));
  return PublicIp ?? '';
}

export interface Verdict {
  /** `outcome component rule`. */
  readonly told: string;
  readonly text: string;
  readonly view: TraceView;
}

export const region = 'eu-west-1';

/** A server for the test file that calls it, with an account and a network for each test, and `keiro trace` on it. */
export function useTraces() {
  let server: KeiroProcess;
  let accounts = 0;
  beforeAll(async () => {
    server = await startKeiro({ args: ['--quotas', 'off', '--region', region] });
  });
  return {
    server: () => server,
    async world(): Promise<{ ec2: EC2Client; network: TraceNetwork; account: string }> {
      const account = `${700_000_000_000 + accounts++}`;
      const credentials = { accessKeyId: account, secretAccessKey: 'secret' };
      const ec2 = new EC2Client({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 });
      return { ec2, network: await traceNetwork(ec2), account };
    },
    /** The verdict as JSON; the exit code must fit it. */
    async trace(...args: readonly string[]): Promise<Verdict> {
      const { code, stdout, stderr } = await keiro(['trace', ...args, '--data', server.data, '--json']);
      expect(stderr).toBe('');
      const view = JSON.parse(stdout) as TraceView; // what --json prints
      expect(code).toBe(view.outcome === 'delivered' ? 0 : 1);
      const { component, rule, text } = view.decidedBy;
      return { told: `${view.outcome} ${component}${rule === undefined ? '' : ` ${rule}`}`, text, view };
    },
  };
}
