import {
  CreateNetworkInterfacePermissionCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkInterfaceCommand,
  DeleteNetworkInterfacePermissionCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeNetworkInterfacePermissionsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  type ModifyNetworkInterfaceAttributeCommandInput,
  type NetworkInterfaceAttribute,
  ResetNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createEni, createSubnet, createVpc, describeEni } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

async function network() {
  const ec2 = keiro.client(EC2Client);
  const vpcId = await createVpc(ec2);
  return { ec2, vpcId, subnetId: await createSubnet(ec2, vpcId) };
}

const lost = 'eni-00000000000000000';
const notFound = { code: 'InvalidNetworkInterfaceID.NotFound', message: `The networkInterface ID '${lost}' does not exist` };

describe('network interfaces', () => {
  test('have attributes that change one at a time', async () => {
    const { ec2, vpcId, subnetId } = await network();
    const id = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web', VpcId: vpcId }));
    const modify = (input: Partial<ModifyNetworkInterfaceAttributeCommandInput>) =>
      ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, ...input }));
    const attribute = (Attribute: NetworkInterfaceAttribute) =>
      ec2.send(new DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Attribute }));
    await modify({ Description: { Value: 'changed' } });
    expect(await attribute('description')).toMatchObject({ NetworkInterfaceId: id, Description: { Value: 'changed' } });
    await modify({ Groups: [GroupId] });
    expect((await attribute('groupSet')).Groups).toEqual([{ GroupId, GroupName: 'web' }]);
    await modify({ SourceDestCheck: { Value: false } });
    expect((await attribute('sourceDestCheck')).SourceDestCheck).toEqual({ Value: false });
    await ec2.send(new ResetNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, SourceDestCheck: '' }));
    expect((await attribute('sourceDestCheck')).SourceDestCheck).toEqual({ Value: true });
    await modify({ ConnectionTrackingSpecification: { TcpEstablishedTimeout: 600 } });
    expect((await describeEni(ec2, id)).ConnectionTrackingConfiguration).toEqual({ TcpEstablishedTimeout: 600 });
    expect((await attribute('attachment')).Attachment).toBeUndefined();
    await modify({ AssociatePublicIpAddress: true });
    expect((await attribute('associatePublicIpAddress')).AssociatePublicIpAddress).toBe(true);

    expect(await refusal(modify({}))).toEqual({ code: 'InvalidParameterCombination', message: 'No attributes specified.' });
    expect(await refusal(modify({ Description: { Value: 'x' }, SourceDestCheck: { Value: true } }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'Fields for multiple attribute types specified',
    });
    expect((await refusal(modify({ Groups: ['sg-00000000000000000'] }))).code).toBe('InvalidGroup.NotFound');
    expect(await refusal(modify({ Attachment: { AttachmentId: 'eni-attach-0', DeleteOnTermination: true } }))).toEqual({
      code: 'InvalidAttachmentID.NotFound',
      message: "The networkInterface attachment ID 'eni-attach-0' does not exist",
    });
    expect((await refusal(modify({ EnablePrimaryIpv6: true }))).code).toBe('InvalidParameterValue');
    expect(await refusal(modify({ NetworkInterfaceId: lost, Description: { Value: '' } }))).toEqual(notFound);
    expect((await refusal(ec2.send(new DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id })))).code).toBe(
      'MissingParameter',
    );
    expect((await refusal(ec2.send(new ResetNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id })))).code).toBe('MissingParameter');
  });

  test('may be lent to other accounts', async () => {
    const { ec2, subnetId } = await network();
    const NetworkInterfaceId = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    const grant = (input: object) =>
      ec2.send(new CreateNetworkInterfacePermissionCommand({ NetworkInterfaceId, Permission: 'INSTANCE-ATTACH', ...input }));
    const { InterfacePermission } = await grant({ AwsAccountId: '111122223333' });
    expect(InterfacePermission).toMatchObject({ AwsAccountId: '111122223333', PermissionState: { State: 'granted' } });
    const id = InterfacePermission?.NetworkInterfacePermissionId ?? '';
    const find = async (name: string, value: string) => {
      const Filters = [{ Name: `network-interface-permission.${name}`, Values: [value] }];
      const { NetworkInterfacePermissions } = await ec2.send(new DescribeNetworkInterfacePermissionsCommand({ Filters }));
      return (NetworkInterfacePermissions ?? []).map((one) => one.NetworkInterfacePermissionId);
    };
    expect(await find('network-interface-permission-id', id)).toEqual([id]);
    expect(await find('network-interface-id', NetworkInterfaceId)).toEqual([id]);
    expect(await find('aws-account-id', '111122223333')).toEqual([id]);
    expect(await find('permission', 'EIP-ASSOCIATE')).toEqual([]);
    expect((await refusal(grant({ AwsAccountId: '111122223333' }))).code).toBe('InvalidPermission.Duplicate');
    expect((await refusal(grant({ AwsAccountId: '1' }))).code).toBe('InvalidParameterValue');
    expect((await refusal(grant({}))).code).toBe('MissingParameter');
    expect((await ec2.send(new DeleteNetworkInterfacePermissionCommand({ NetworkInterfacePermissionId: id }))).Return).toBe(true);
    expect(await refusal(ec2.send(new DeleteNetworkInterfacePermissionCommand({ NetworkInterfacePermissionId: id })))).toEqual({
      code: 'InvalidPermissionID.NotFound',
      message: `The network interface permission ID '${id}' does not exist`,
    });
    await grant({ AwsAccountId: '111122223333' });
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    expect(await find('network-interface-id', NetworkInterfaceId)).toEqual([]);
  });
});
