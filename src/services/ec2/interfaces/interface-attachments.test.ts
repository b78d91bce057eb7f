/** Interfaces on instances, and the public addresses that come and go with them, over records alone. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { becoming, settled, transitionMs } from '#aws/eventual.ts';
import { AwsError } from '#protocol/aws-error.ts';
import {
  assignDynamicPublicIp,
  associateAddress,
  disassociateAddress,
  publicIpOf,
  releaseDynamicPublicIp,
} from '#services/ec2/addresses/address-associations.ts';
import { addressMappings } from '#services/ec2/addresses/address-mappings.ts';
import { interfaceAttachments } from '#services/ec2/interfaces/interface-attachments.ts';
import { interfaceView } from '#services/ec2/interfaces/interface-view.ts';
import { networkInterfaceAttributes } from '#services/ec2/interfaces/network-interface-attributes.ts';
import { type InstanceRecord, type InstanceState, instanceTable } from '#services/ec2/tables/instances.ts';
import { addressTable, type AddressRecord, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { internetGatewayTable } from '#services/ec2/tables/routing.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

const partition = { account: '111111111111', region: 'eu-west-1' };
const nowMs = 1_000_000;

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

function inTransaction<T>(work: (context: OperationContext) => T, time = nowMs): Promise<T> {
  const principal = { account: partition.account, arn: '', userId: '', accessKeyId: '' };
  return store.transact(partition, (tx) =>
    work({ ...partition, principal, requestId: '', nowMs: time, tx, randomBytes, observed: NOTHING_OBSERVED, quotasOn: true }),
  );
}

async function refused(work: (context: OperationContext) => unknown): Promise<string> {
  const error: unknown = await inTransaction(work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof AwsError ? `${error.code}: ${error.message}` : `no refusal: ${String(error)}`;
}

const putInstance = (id: string, state: InstanceState, change: Partial<InstanceRecord> = {}) =>
  inTransaction(
    ({ tx }) =>
      tx.put(instanceTable, {
        id,
        state: settled(state),
        availabilityZone: 'eu-west-1a',
        instanceType: 't3.micro',
        tags: [],
        ...change,
      } as unknown as InstanceRecord), // what attachments look at
  );

function interfaceRecord(id: string, change: Partial<NetworkInterfaceRecord> = {}): NetworkInterfaceRecord {
  return {
    id,
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    availabilityZone: 'eu-west-1a',
    description: '',
    interfaceType: 'interface',
    macAddress: '02:00:00:00:00:01',
    privateAddresses: [
      { address: '10.0.0.4', primary: true },
      { address: '10.0.0.5', primary: false },
    ],
    ipv6Addresses: [],
    ipv4Prefixes: [],
    ipv6Prefixes: [],
    groupIds: [],
    sourceDestCheck: true,
    requesterManaged: false,
    tags: [],
    ...change,
  };
}

const putInterface = (id: string, change: Partial<NetworkInterfaceRecord> = {}) =>
  inTransaction(({ tx }) => tx.put(networkInterfaceTable, interfaceRecord(id, change)));
const attach = (context: OperationContext, id: string, InstanceId: string, DeviceIndex: number) =>
  interfaceAttachments.AttachNetworkInterface(context, { NetworkInterfaceId: id, InstanceId, DeviceIndex });
const eni = (id = 'eni-1'): NetworkInterfaceRecord | undefined => store.reader(partition).get(networkInterfaceTable, id);
const primary = (instanceId: string) => ({
  id: 'eni-attach-0',
  instanceId,
  instanceOwnerId: partition.account,
  deviceIndex: 0,
  networkCardIndex: 0,
  deleteOnTermination: true,
  attachedMs: 0,
});

describe('attachments', () => {
  test('are attaching for a moment, then attached, until detached', async () => {
    await putInstance('i-00000001', 'running');
    await putInterface('eni-00000000000000001');
    const id = 'eni-00000000000000001';
    const made = await inTransaction((context) => attach(context, id, 'i-00000001', 1));
    expect(made.AttachmentId).toMatch(/^eni-attach-0[0-9a-f]{16}$/);
    const view = (time: number) => inTransaction((context) => interfaceView(context.tx.get(networkInterfaceTable, id)!, context), time); // put above
    expect(await view(nowMs)).toMatchObject({
      Status: 'in-use',
      Attachment: {
        InstanceId: 'i-00000001',
        DeviceIndex: 1,
        DeleteOnTermination: false,
        InstanceOwnerId: partition.account,
        Status: 'attaching',
      },
    });
    expect((await view(nowMs + transitionMs)).Attachment?.Status).toBe('attached');
    const AttachmentId = made.AttachmentId ?? '';
    await inTransaction((context) =>
      networkInterfaceAttributes.ModifyNetworkInterfaceAttribute(context, {
        NetworkInterfaceId: id,
        Attachment: { AttachmentId, DeleteOnTermination: true },
      }),
    );
    expect((await view(nowMs)).Attachment?.DeleteOnTermination).toBe(true);
    await inTransaction((context) => interfaceAttachments.DetachNetworkInterface(context, { AttachmentId }));
    expect(await view(nowMs)).toMatchObject({ Status: 'available', Attachment: undefined });
    expect(await refused((context) => interfaceAttachments.DetachNetworkInterface(context, { AttachmentId }))).toBe(
      `InvalidAttachmentID.NotFound: The networkInterface attachment ID '${AttachmentId}' does not exist`,
    );
  });

  test('are refused in AWS’s words', async () => {
    await putInstance('i-00000001', 'running');
    await putInstance('i-00000002', 'running', { availabilityZone: 'eu-west-1b' });
    await putInstance('i-00000003', 'running', { state: becoming('pending', 'running', nowMs) });
    await putInterface('eni-1');
    await putInterface('eni-2', { attachment: primary('i-00000001') });
    await putInterface('eni-4', { availabilityZone: 'eu-west-1a', ipv4Prefixes: ['10.0.0.16/28'] });
    await putInterface('eni-5', { attachment: { ...primary('i-00000001'), id: 'eni-attach-5', deviceIndex: 5 } });
    await putInstance('i-00000004', 'running', { instanceType: 't3.nano' });
    await putInterface('eni-3', { requesterManaged: true, attachment: { ...primary(''), id: 'ela-attach-1', instanceId: undefined } });
    const facts: readonly (readonly [string, string, number, string])[] = [
      ['eni-1', 'i-00000009', 1, "InvalidInstanceID.NotFound: The instance ID 'i-00000009' does not exist"],
      ['eni-2', 'i-00000001', 1, 'InvalidNetworkInterface.InUse: Interface: [eni-2] in use.'],
      ['eni-3', 'i-00000001', 1, 'AuthFailure: You do not have permission to access the specified resource.'],
      ['eni-1', 'i-00000001', 0, "InvalidParameterValue: Instance 'i-00000001' already has an interface attached at device index '0'."],
      [
        'eni-1',
        'i-00000002',
        1,
        'InvalidParameterCombination: You may not attach a network interface to an instance if they are not in the same availability zone',
      ],
      ['eni-1', 'i-00000003', 1, "IncorrectState: Instance 'i-00000003' is not 'running' or 'stopped'."],
      ['eni-1', 'i-00000001', 1, 'AttachmentLimitExceeded: Interface count 3 exceeds the limit for t3.micro'],
      ['eni-4', 'i-00000004', 1, 'PrivateIpAddressLimitExceeded: Number of private addresses will exceed limit.'],
      ['eni-1', 'i', 1, 'InvalidInstanceID.Malformed: Invalid id: "i" (expecting "i-...")'],
      ['eni-1', 'i-00000001', -1, 'InvalidParameterValue: Value (-1) for parameter deviceIndex is invalid.'],
    ];
    for (const [id, instanceId, deviceIndex, words] of facts) {
      expect(await refused((context) => attach(context, id, instanceId, deviceIndex))).toBe(words);
    }
    const detach = (AttachmentId: string) => refused((context) => interfaceAttachments.DetachNetworkInterface(context, { AttachmentId }));
    expect(await detach('eni-attach-0')).toBe(
      'OperationNotPermitted: The network interface at device index 0 and networkCard index 0 cannot be detached.',
    );
    expect(await detach('ela-attach-1')).toBe("OperationNotPermitted: You are not allowed to manage 'ela-attach' attachments.");
  });
});

describe('public addresses of an instance', () => {
  const elastic: AddressRecord = { id: 'eipalloc-1', publicIp: '198.19.0.1', networkBorderGroup: 'eu-west-1', tags: [] };
  const address = (): AddressRecord | undefined => store.reader(partition).get(addressTable, elastic.id);
  const associate = () => inTransaction((context) => associateAddress(context, address() ?? elastic, eni()!, '10.0.0.4')); // put in every test
  const disassociate = () => inTransaction((context) => disassociateAddress(context, address()!)); // associated before

  async function runningWithPublicIp(): Promise<string> {
    await putInstance('i-00000001', 'running');
    await putInterface('eni-1', { attachment: primary('i-00000001') });
    await inTransaction(({ tx }) => {
      tx.put(internetGatewayTable, { id: 'igw-1', vpcId: 'vpc-1', tags: [] });
      tx.put(addressTable, elastic);
    });
    return (await inTransaction((context) => assignDynamicPublicIp(context, eni()!))).dynamicPublicIp ?? ''; // put a moment ago
  }

  test('the dynamic one gives way to an Elastic IP, and another comes when that goes', async () => {
    const first = await runningWithPublicIp();
    expect(first).toMatch(/^198\.1[89]\./);
    await associate();
    expect(eni()?.dynamicPublicIp).toBeUndefined();
    expect(address()?.association).toMatchObject({ networkInterfaceId: 'eni-1', instanceId: 'i-00000001', privateIp: '10.0.0.4' });
    expect(await inTransaction((context) => publicIpOf(context, eni()!, '10.0.0.4'))).toMatchObject({
      publicIp: elastic.publicIp,
      ipOwnerId: partition.account,
    }); // put at the beginning
    await disassociate();
    const second = eni()?.dynamicPublicIp;
    expect(second).toMatch(/^198\.1[89]\./);
    expect(second).not.toBe(first);
    expect(await inTransaction((context) => publicIpOf(context, eni()!, '10.0.0.4'))).toEqual({ publicIp: second, ipOwnerId: 'amazon' }); // put at the beginning
    expect(await inTransaction((context) => publicIpOf(context, eni()!, '10.0.0.5'))).toBeUndefined(); // put at the beginning
  });

  test('none comes to a stopped instance, nor to one with a second interface', async () => {
    await runningWithPublicIp();
    await associate();
    await putInterface('eni-2', { attachment: { ...primary('i-00000001'), id: 'eni-attach-2', deviceIndex: 1 } });
    await disassociate();
    expect(eni()?.dynamicPublicIp).toBeUndefined();
    await inTransaction(({ tx }) => tx.delete(networkInterfaceTable, 'eni-2'));
    await associate();
    await putInstance('i-00000001', 'stopped');
    await disassociate();
    expect(eni()?.dynamicPublicIp).toBeUndefined();
    expect(eni()?.wantsPublicIp).toBe(true);
  });

  test('a stop takes the dynamic one, a start gives another, but none beside an Elastic IP', async () => {
    const first = await runningWithPublicIp();
    await inTransaction((context) => releaseDynamicPublicIp(context, eni()!)); // put at the beginning
    expect(eni()).toMatchObject({ wantsPublicIp: true });
    expect(eni()?.dynamicPublicIp).toBeUndefined();
    const second = await inTransaction((context) => assignDynamicPublicIp(context, eni()!)); // put at the beginning
    expect(second.dynamicPublicIp).not.toBe(first);
    await associate();
    expect((await inTransaction((context) => assignDynamicPublicIp(context, eni()!))).dynamicPublicIp).toBeUndefined(); // put at the beginning
  });

  test('an Elastic IP follows its interface from instance to instance', async () => {
    await putInstance('i-00000001', 'running');
    await putInstance('i-00000002', 'running');
    const id = 'eni-00000000000000001';
    await putInterface(id);
    await inTransaction(({ tx }) => tx.put(addressTable, elastic));
    await inTransaction((context) => associateAddress(context, elastic, eni(id)!, '10.0.0.5')); // put above
    const attached = await inTransaction((context) => attach(context, id, 'i-00000001', 1));
    expect(address()?.association?.instanceId).toBe('i-00000001');
    await inTransaction((context) => interfaceAttachments.DetachNetworkInterface(context, { AttachmentId: attached.AttachmentId ?? '' }));
    expect(address()?.association).toMatchObject({ networkInterfaceId: id, privateIp: '10.0.0.5' });
    expect(address()?.association?.instanceId).toBeUndefined();
    await inTransaction((context) => attach(context, id, 'i-00000002', 1));
    expect(address()?.association?.instanceId).toBe('i-00000002');
  });

  test('AssociateAddress finds the one interface of an instance that is up', async () => {
    await runningWithPublicIp();
    await putInstance('i-00000002', 'running', { state: settled('pending') });
    await putInterface('eni-00000000000000002', { attachment: { ...primary('i-00000002'), id: 'eni-attach-2' } });
    const call = (input: { InstanceId?: string; NetworkInterfaceId?: string }) => (context: OperationContext) =>
      addressMappings.AssociateAddress(context, { AllocationId: elastic.id, ...input });
    expect(await refused(call({ InstanceId: 'i-00000002' }))).toBe(
      "InvalidInstanceID: The pending instance 'i-00000002' is not in a valid state for this operation.",
    );
    expect(await refused(call({ NetworkInterfaceId: 'eni-00000000000000002' }))).toBe(
      "IncorrectInstanceState: The pending instance to which 'eni-00000000000000002' is attached is not in a valid state for this operation",
    );
    expect((await inTransaction(call({ InstanceId: 'i-00000001' }))).AssociationId).toBe(address()?.association?.id);
    await putInterface('eni-3', { attachment: { ...primary('i-00000001'), id: 'eni-attach-3', deviceIndex: 1 } });
    expect(await refused(call({ InstanceId: 'i-00000001' }))).toBe(
      "InvalidInstanceID: There are multiple interfaces attached to instance 'i-00000001'. Please specify an interface ID for the operation instead.",
    );
  });
});
