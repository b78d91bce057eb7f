import { describe, expect, it } from 'vitest';
import { ec2Resources } from '#server/ec2-resources.ts';

const place = { account: '123456789012', region: 'eu-west-1' };
const id = '0123456789abcdef0';
const arn = (resource: string) => (resource === '*' ? '*' : `arn:aws:ec2:eu-west-1:123456789012:${resource}`);

describe('the resources of a call', () => {
  it.each<readonly [string, object, readonly string[]]>([
    ['DescribeVpcs', { VpcIds: [`vpc-${id}`] }, ['*']],
    ['DescribeVpcAttribute', { VpcId: `vpc-${id}` }, [`vpc/vpc-${id}`]],
    ['CreateVpc', { CidrBlock: '10.0.0.0/16' }, ['vpc/*']],
    ['CreateSubnet', { VpcId: `vpc-${id}` }, ['subnet/*', `vpc/vpc-${id}`]],
    ['CreateInternetGateway', {}, ['internet-gateway/*']],
    ['CreateEgressOnlyInternetGateway', { VpcId: `vpc-${id}` }, ['egress-only-internet-gateway/*', `vpc/vpc-${id}`]],
    [
      'CreateNatGateway',
      { SubnetId: `subnet-${id}`, AllocationId: `eipalloc-${id}` },
      ['natgateway/*', `subnet/subnet-${id}`, `elastic-ip/eipalloc-${id}`],
    ],
    ['AllocateAddress', {}, ['elastic-ip/*']],
    ['CreateManagedPrefixList', {}, ['prefix-list/*']],
    ['CreateKeyPair', { KeyName: 'k' }, ['key-pair/*']],
    ['DeleteKeyPair', { KeyName: 'k' }, ['key-pair/k']],
    ['CreateRoute', { RouteTableId: `rtb-${id}`, GatewayId: `igw-${id}` }, [`route-table/rtb-${id}`, `internet-gateway/igw-${id}`]],
    ['CreateTags', { Resources: [`vpc-${id}`, 'i-01234567'] }, [`vpc/vpc-${id}`, 'instance/i-01234567']],
    ['DisassociateRouteTable', { AssociationId: `rtbassoc-${id}` }, ['*']],
    ['DeleteVpc', { VpcId: 'nonsense' }, ['*']],
  ])('%s %j', (operation, input, expected) => {
    expect(ec2Resources(operation, { ...input }, place)).toEqual(expected.map(arn));
  });

  it('of a launch are what is made and all that is named', () => {
    const input = {
      ImageId: `ami-${id}`,
      KeyName: 'k',
      NetworkInterfaces: [{ SubnetId: `subnet-${id}`, Groups: [`sg-${id}`] }],
    };
    expect(ec2Resources('RunInstances', input, place)).toEqual([
      ...['instance/*', 'network-interface/*', 'volume/*'].map(arn),
      `arn:aws:ec2:eu-west-1::image/ami-${id}`,
      ...['key-pair/k', `subnet/subnet-${id}`, `security-group/sg-${id}`].map(arn),
    ]);
  });
});
