import {
  AcceptAddressTransferCommand,
  AllocateAddressCommand,
  type AllocateAddressCommandInput,
  AssociateAddressCommand,
  type AssociateAddressCommandInput,
  DeleteNetworkInterfaceCommand,
  DescribeAddressesAttributeCommand,
  DescribeAddressesCommand,
  DescribeAddressTransfersCommand,
  DescribeNetworkInterfacesCommand,
  DetachInternetGatewayCommand,
  DisableAddressTransferCommand,
  DisassociateAddressCommand,
  EC2Client,
  EnableAddressTransferCommand,
  ModifyAddressAttributeCommand,
  ModifyVpcAttributeCommand,
  ReleaseAddressCommand,
  ResetAddressAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createEni, createSubnet, createVpc, describeEni, publicNetwork } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

async function allocate(ec2: EC2Client, input: AllocateAddressCommandInput = {}): Promise<{ id: string; ip: string }> {
  const { AllocationId: id = '', PublicIp: ip = '' } = await ec2.send(new AllocateAddressCommand(input));
  return { id, ip };
}

async function network() {
  const ec2 = keiro.client(EC2Client);
  const { vpcId, subnetId, gatewayId } = await publicNetwork(ec2);
  const eni = (await createEni(ec2, subnetId, { SecondaryPrivateIpAddressCount: 1 })).NetworkInterfaceId;
  const associate = async (input: AssociateAddressCommandInput) =>
    (await ec2.send(new AssociateAddressCommand({ NetworkInterfaceId: eni, ...input }))).AssociationId ?? '';
  return { ec2, vpcId, subnetId, gatewayId, eni, associate };
}

describe('Elastic IPs', () => {
  test('are allocated from the public range, described and released', async () => {
    const ec2 = keiro.client(EC2Client);
    const made = await ec2.send(
      new AllocateAddressCommand({
        Domain: 'vpc',
        TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: [{ Key: 'Name', Value: 'a' }] }],
      }),
    );
    expect(made).toMatchObject({ Domain: 'vpc', NetworkBorderGroup: 'eu-west-1', PublicIpv4Pool: 'amazon' });
    expect(made.AllocationId).toMatch(/^eipalloc-0[0-9a-f]{16}$/);
    expect(made.PublicIp).toMatch(/^198\.1[89]\.\d+\.\d+$/);
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ PublicIps: [made.PublicIp ?? ''] }));
    expect(Addresses).toMatchObject([{ AllocationId: made.AllocationId, Domain: 'vpc', Tags: [{ Key: 'Name', Value: 'a' }] }]);
    await ec2.send(new ReleaseAddressCommand({ AllocationId: made.AllocationId }));
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? []).toEqual([]);
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId: made.AllocationId })))).toEqual({
      code: 'InvalidAllocationID.NotFound',
      message: `The allocation ID '${made.AllocationId}' does not exist`,
    });
  });

  test('are five per Region', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    for (let count = 0; count < 5; count++) await allocate(ec2);
    expect(await refusal(allocate(ec2))).toEqual({
      code: 'AddressLimitExceeded',
      message: 'The maximum number of addresses has been reached.',
    });
    expect((await allocate(keiro.client(EC2Client, { account, region: 'us-west-2' }))).ip).not.toBe('');
  });

  test('are unique over accounts and Regions, and do not come back soon', async () => {
    const [a, b] = [keiro.client(EC2Client), keiro.client(EC2Client, { region: 'ap-northeast-1' })];
    const seen = new Set<string>();
    for (let count = 0; count < 10; count++) {
      for (const ec2 of [a, b]) {
        const { id, ip } = await allocate(ec2);
        expect(seen.has(ip)).toBe(false);
        seen.add(ip);
        await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
      }
    }
  });

  test('can be recovered after release, by the account that had it', async () => {
    const [ec2, other] = [keiro.client(EC2Client), keiro.client(EC2Client)];
    const { id, ip } = await allocate(ec2);
    const notFound = { code: 'InvalidAddress.NotFound', message: `Address '${ip}' not found.` };
    expect(await refusal(allocate(ec2, { Address: ip }))).toEqual(notFound);
    await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
    expect(await refusal(allocate(other, { Address: ip }))).toEqual(notFound);
    expect((await allocate(ec2, { Address: ip })).ip).toBe(ip);
  });

  test('are refused from pools and places that are not there', async () => {
    const ec2 = keiro.client(EC2Client);
    expect((await refusal(allocate(ec2, { Domain: 'standard' }))).code).toBe('InvalidParameterValue');
    expect(await refusal(allocate(ec2, { PublicIpv4Pool: 'ipv4pool-ec2-1' }))).toEqual({
      code: 'InvalidPublicIpv4PoolID.NotFound',
      message: "The pool ID 'ipv4pool-ec2-1' does not exist.",
    });
    expect((await refusal(allocate(ec2, { NetworkBorderGroup: 'us-east-1' }))).code).toBe('InvalidParameterValue');
  });

  test('are found by ids, addresses and every filter', async () => {
    const { ec2, eni, associate } = await network();
    const [one, two] = [
      await allocate(ec2),
      await allocate(ec2, { TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: [{ Key: 'k', Value: 'v' }] }] }),
    ];
    const associationId = await associate({ AllocationId: one.id });
    const find = async (input: object) =>
      ((await ec2.send(new DescribeAddressesCommand(input))).Addresses ?? []).map((found) => found.AllocationId);
    const by = (Name: string, value: string) => find({ Filters: [{ Name, Values: [value] }] });
    const owner = (await describeEni(ec2, eni)).OwnerId ?? '';
    expect(await find({})).toEqual([one.id, two.id]);
    expect(await find({ AllocationIds: [two.id] })).toEqual([two.id]);
    expect(await find({ PublicIps: [two.ip, one.ip] })).toEqual([two.id, one.id]);
    expect(await find({ PublicIps: [one.ip], Filters: [{ Name: 'tag-key', Values: ['k'] }] })).toEqual([]);
    expect(await by('allocation-id', one.id)).toEqual([one.id]);
    expect(await by('association-id', associationId)).toEqual([one.id]);
    expect(await by('instance-id', '*')).toEqual([]);
    expect(await by('network-border-group', 'eu-west-1')).toEqual([one.id, two.id]);
    expect(await by('network-interface-id', eni)).toEqual([one.id]);
    expect(await by('network-interface-owner-id', owner)).toEqual([one.id]);
    expect(await by('private-ip-address', '10.0.1.4')).toEqual([one.id]);
    expect(await by('public-ip', two.ip)).toEqual([two.id]);
    expect(await by('tag:k', 'v')).toEqual([two.id]);
    expect(await refusal(by('colour', 'red'))).toEqual({ code: 'InvalidParameterValue', message: "The filter 'colour' is invalid" });
    expect(await refusal(find({ AllocationIds: ['eipalloc-0'] }))).toEqual({
      code: 'InvalidAllocationID.NotFound',
      message: "The allocation ID 'eipalloc-0' does not exist",
    });
    expect(await refusal(find({ PublicIps: ['203.0.113.1'] }))).toEqual({
      code: 'InvalidAddress.NotFound',
      message: "Address '203.0.113.1' not found.",
    });
  });
});

describe('associations', () => {
  test('show on the address and on the interface', async () => {
    const { ec2, vpcId, eni, associate } = await network();
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
    const { id, ip } = await allocate(ec2);
    const AssociationId = await associate({ AllocationId: id });
    expect(AssociationId).toMatch(/^eipassoc-0[0-9a-f]{16}$/);
    expect((await ec2.send(new DescribeAddressesCommand({ AllocationIds: [id] }))).Addresses).toMatchObject([
      { AssociationId, NetworkInterfaceId: eni, PrivateIpAddress: '10.0.1.4' },
    ]);
    const shown = await describeEni(ec2, eni);
    const association = {
      PublicIp: ip,
      AllocationId: id,
      AssociationId,
      IpOwnerId: shown.OwnerId,
      PublicDnsName: `ec2-${ip.replaceAll('.', '-')}.eu-west-1.compute.amazonaws.com`,
    };
    expect(shown.Association).toEqual(association);
    expect(shown.PrivateIpAddresses?.map((one) => one.Association)).toEqual([association, undefined]);
    const find = async (Name: string, value: string) =>
      ((await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] }))).NetworkInterfaces ?? []).length;
    expect(await find('association.public-ip', ip)).toBe(1);
    expect(await find('addresses.association.public-ip', ip)).toBe(1);
    expect(await find('association.allocation-id', id)).toBe(1);
    expect(await find('association.association-id', AssociationId)).toBe(1);
    expect(await find('association.ip-owner-id', shown.OwnerId ?? '')).toBe(1);
    expect(await find('addresses.association.owner-id', 'amazon')).toBe(0);
    expect(await find('association.public-dns-name', association.PublicDnsName)).toBe(1);

    expect(await associate({ AllocationId: id })).toBe(AssociationId);
    await ec2.send(new DisassociateAddressCommand({ AssociationId }));
    expect((await describeEni(ec2, eni)).Association).toBeUndefined();
    expect(await refusal(ec2.send(new DisassociateAddressCommand({ AssociationId })))).toEqual({
      code: 'InvalidAssociationID.NotFound',
      message: `The association ID '${AssociationId}' does not exist`,
    });
  });

  test('move, unless the caller forbids it', async () => {
    const { ec2, subnetId, eni, associate } = await network();
    const [one, two] = [await allocate(ec2), await allocate(ec2)];
    const first = await associate({ AllocationId: one.id });
    const other = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    expect(await refusal(associate({ AllocationId: one.id, NetworkInterfaceId: other, AllowReassociation: false }))).toEqual({
      code: 'Resource.AlreadyAssociated',
      message: `resource ${one.id} is already associated with associate-id ${first}`,
    });
    expect(await refusal(associate({ AllocationId: two.id, AllowReassociation: false }))).toEqual({
      code: 'Resource.AlreadyAssociated',
      message: `resource ${eni} and 10.0.1.4 is already associated with public address ${one.ip}`,
    });
    await associate({ AllocationId: two.id });
    expect((await describeEni(ec2, eni)).Association?.PublicIp).toBe(two.ip);
    expect((await ec2.send(new DescribeAddressesCommand({ AllocationIds: [one.id] }))).Addresses?.[0]?.AssociationId).toBeUndefined();
    await associate({ AllocationId: two.id, NetworkInterfaceId: other });
    expect((await describeEni(ec2, eni)).Association).toBeUndefined();
    expect((await describeEni(ec2, other)).Association?.PublicIp).toBe(two.ip);
  });

  test('are one per private address', async () => {
    const { ec2, eni, associate } = await network();
    const [one, two] = [await allocate(ec2), await allocate(ec2)];
    await associate({ AllocationId: one.id });
    await associate({ AllocationId: two.id, PrivateIpAddress: '10.0.1.5' });
    expect((await describeEni(ec2, eni)).PrivateIpAddresses?.map((address) => address.Association?.PublicIp)).toEqual([one.ip, two.ip]);
  });

  test('need a gateway, and keep it there', async () => {
    const { ec2, vpcId, gatewayId, associate } = await network();
    const lonely = await createVpc(ec2);
    const eni = (await createEni(ec2, await createSubnet(ec2, lonely))).NetworkInterfaceId;
    const { id } = await allocate(ec2);
    expect(await refusal(associate({ AllocationId: id, NetworkInterfaceId: eni }))).toEqual({
      code: 'Gateway.NotAttached',
      message: `Network ${lonely} is not attached to any internet gateway`,
    });
    await associate({ AllocationId: id });
    expect((await refusal(ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId: vpcId })))).code).toBe(
      'DependencyViolation',
    );
  });

  test('keep an address from being released, and end with their interface', async () => {
    const { ec2, eni, associate } = await network();
    const { id, ip } = await allocate(ec2);
    await associate({ AllocationId: id });
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId: id })))).toEqual({
      code: 'InvalidIPAddress.InUse',
      message: `Address ${ip} is in use.`,
    });
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: eni }));
    await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
  });

  test('are refused in AWS’s words', async () => {
    const { ec2, eni, associate } = await network();
    const { id, ip } = await allocate(ec2);
    const lost = 'eni-00000000000000000';
    expect(await refusal(associate({ AllocationId: 'eipalloc-0' }))).toEqual({
      code: 'InvalidAllocationID.NotFound',
      message: "The allocation ID 'eipalloc-0' does not exist",
    });
    expect(await refusal(associate({ AllocationId: id, NetworkInterfaceId: lost }))).toEqual({
      code: 'InvalidNetworkInterfaceID.NotFound',
      message: `The networkInterface ID '${lost}' does not exist`,
    });
    expect(await refusal(associate({ AllocationId: id, NetworkInterfaceId: undefined, InstanceId: 'i-00000000000000000' }))).toEqual({
      code: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-00000000000000000' does not exist",
    });
    expect(await refusal(associate({ AllocationId: id, PrivateIpAddress: '10.0.1.99' }))).toEqual({
      code: 'InvalidParameterValue',
      message: `The private IP address '10.0.1.99' is not assigned to network interface '${eni}'.`,
    });
    expect((await refusal(associate({ AllocationId: id, InstanceId: 'i-1' }))).code).toBe('InvalidParameterCombination');
    expect((await refusal(associate({}))).code).toBe('MissingParameter');
    expect((await refusal(associate({ AllocationId: id, NetworkInterfaceId: undefined }))).code).toBe('MissingParameter');
    expect(await refusal(associate({ AllocationId: id, PublicIp: ip }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'You may specify public IP or allocation id, but not both in the same call',
    });
    expect(await refusal(associate({ PublicIp: ip }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'You must specify an allocation id when mapping an address to a VPC instance',
    });
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ PublicIp: ip })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'You must specify an allocation id when releasing a VPC elastic IP address',
    });
    expect(await refusal(ec2.send(new DisassociateAddressCommand({ PublicIp: ip })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'You must specify an association id when unmapping an address from a VPC instance',
    });
    for (const command of [
      new ReleaseAddressCommand({ PublicIp: '203.0.113.1' }),
      new DisassociateAddressCommand({ PublicIp: '203.0.113.1' }),
    ]) {
      expect(await refusal(ec2.send(command))).toEqual({
        code: 'AuthFailure',
        message: "The address '203.0.113.1' does not belong to you.",
      });
    }
    expect((await refusal(ec2.send(new ReleaseAddressCommand({})))).code).toBe('MissingParameter');
    expect((await refusal(ec2.send(new DisassociateAddressCommand({})))).code).toBe('MissingParameter');
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId: id, NetworkBorderGroup: 'us-east-1' })))).toEqual({
      code: 'InvalidAddress.NotFound',
      message: `Address '${ip}' not found.`,
    });
  });
});

describe('reverse DNS names', () => {
  test('are set, shown and reset, and keep an address from being released', async () => {
    const ec2 = keiro.client(EC2Client);
    const { id, ip } = await allocate(ec2);
    const set = await ec2.send(new ModifyAddressAttributeCommand({ AllocationId: id, DomainName: 'Mail.Example.com' }));
    expect(set.Address).toMatchObject({ PublicIp: ip, PtrRecordUpdate: { Value: 'mail.example.com.', Status: 'PENDING' } });
    const shown = await ec2.send(new DescribeAddressesAttributeCommand({ AllocationIds: [id], Attribute: 'domain-name' }));
    expect(shown.Addresses).toEqual([{ PublicIp: ip, AllocationId: id, PtrRecord: 'mail.example.com.' }]);
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId: id })))).toEqual({
      code: 'InvalidAddress.PtrSet',
      message: `The address with allocation id [${id}] cannot be released because it has a PTR record set.`,
    });
    const reset = await ec2.send(new ResetAddressAttributeCommand({ AllocationId: id, Attribute: 'domain-name' }));
    expect(reset.Address?.PtrRecordUpdate?.Value).toBe(`ec2-${ip.replaceAll('.', '-')}.eu-west-1.compute.amazonaws.com.`);
    await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
  });

  test('are refused when they are no names', async () => {
    const ec2 = keiro.client(EC2Client);
    const { id } = await allocate(ec2);
    for (const DomainName of ['', 'localhost', '-a.example.com', `${'a'.repeat(64)}.com`, 'a..com', 'a b.com']) {
      expect(await refusal(ec2.send(new ModifyAddressAttributeCommand({ AllocationId: id, DomainName })))).toEqual({
        code: 'InvalidParameterValue',
        message: `The domain name '${DomainName}' is invalid.`,
      });
    }
    expect((await refusal(ec2.send(new ModifyAddressAttributeCommand({ AllocationId: id })))).code).toBe('MissingParameter');
  });
});

describe('transfers', () => {
  async function offer() {
    const taker = keiro.freshAccount();
    const [ec2, to] = [keiro.client(EC2Client), keiro.client(EC2Client, { account: taker })];
    const address = await allocate(ec2);
    const { AddressTransfer } = await ec2.send(new EnableAddressTransferCommand({ AllocationId: address.id, TransferAccountId: taker }));
    expect(AddressTransfer).toMatchObject({ PublicIp: address.ip, TransferAccountId: taker, AddressTransferStatus: 'pending' });
    const days = ((AddressTransfer?.TransferOfferExpirationTimestamp?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(7.1);
    const states = async () =>
      ((await ec2.send(new DescribeAddressTransfersCommand({ AllocationIds: [address.id] }))).AddressTransfers ?? []).map(
        (one) => one.AddressTransferStatus,
      );
    return { ec2, to, taker, ...address, states };
  }

  test('give an address to another account, without its tags', async () => {
    const { ec2, to, taker, id, ip, states } = await offer();
    expect(await states()).toEqual(['pending']);
    const { AddressTransfer } = await to.send(new AcceptAddressTransferCommand({ Address: ip }));
    expect(AddressTransfer).toMatchObject({ PublicIp: ip, TransferAccountId: taker, AddressTransferStatus: 'accepted' });
    expect((await to.send(new DescribeAddressesCommand({ PublicIps: [ip] }))).Addresses).toHaveLength(1);
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? []).toEqual([]);
    expect(await states()).toEqual(['accepted']);
    await to.send(new ReleaseAddressCommand({ AllocationId: AddressTransfer?.AllocationId }));
    expect((await refusal(allocate(ec2, { Address: ip }))).code).toBe('InvalidAddress.NotFound');
    expect((await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId: id })))).code).toBe('InvalidAllocationID.NotFound');
  });

  test('can be withdrawn, and only their taker can accept them', async () => {
    const { ec2, to, id, ip, states } = await offer();
    const notFound = { code: 'InvalidAddress.NotFound', message: `Address '${ip}' not found.` };
    expect(await refusal(keiro.client(EC2Client).send(new AcceptAddressTransferCommand({ Address: ip })))).toEqual(notFound);
    const { AddressTransfer } = await ec2.send(new DisableAddressTransferCommand({ AllocationId: id }));
    expect(AddressTransfer?.AddressTransferStatus).toBe('disabled');
    expect(await states()).toEqual([]);
    expect(await refusal(to.send(new AcceptAddressTransferCommand({ Address: ip })))).toEqual(notFound);
    expect((await refusal(ec2.send(new DisableAddressTransferCommand({ AllocationId: id })))).code).toBe('InvalidParameterValue');
    expect((await refusal(ec2.send(new EnableAddressTransferCommand({ AllocationId: id, TransferAccountId: '12' })))).code).toBe(
      'InvalidParameterValue',
    );
    expect(await refusal(ec2.send(new DescribeAddressTransfersCommand({ AllocationIds: ['eipalloc-0'] })))).toEqual({
      code: 'InvalidAllocationID.NotFound',
      message: "The allocation ID 'eipalloc-0' does not exist",
    });
  });

  test('wait while the address has a name, or the taker no room', async () => {
    const { ec2, to, id, ip } = await offer();
    await ec2.send(new ModifyAddressAttributeCommand({ AllocationId: id, DomainName: 'mail.example.com' }));
    const accept = () => to.send(new AcceptAddressTransferCommand({ Address: ip }));
    expect((await refusal(accept())).code).toBe('InvalidTransfer.AddressCustomPtrSet');
    await ec2.send(new ResetAddressAttributeCommand({ AllocationId: id, Attribute: 'domain-name' }));
    const eni = (await createEni(ec2, (await publicNetwork(ec2)).subnetId)).NetworkInterfaceId;
    await ec2.send(new AssociateAddressCommand({ AllocationId: id, NetworkInterfaceId: eni }));
    expect((await refusal(accept())).code).toBe('InvalidTransfer.AddressAssociated');
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: eni }));
    for (let count = 0; count < 5; count++) await allocate(to);
    expect((await refusal(accept())).code).toBe('AddressLimitExceeded');
  });
});
