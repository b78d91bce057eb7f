/** Invariants of network interfaces, what is attached to them, and key pairs. */
import { stateAt } from '#aws/eventual.ts';
import { cidrContains, cidrContainsIp, firstIp, lastIp, parseCidr } from '#model/cidr.ts';
import { ipDistance, isIpv4, parseIp } from '#model/ip.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { type InstanceRecord, instanceTable, keyPairTable } from '#services/ec2/tables/instances.ts';
import {
  delegationBlock,
  type NetworkInterfaceRecord,
  networkInterfacePermissionTable,
  networkInterfaceTable,
} from '#services/ec2/tables/interfaces.ts';
import { type SubnetRecord, subnetTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';
import { repeated } from '#test/fuzz/repeated.ts';
import { subnetBlocks } from '#test/fuzz/invariants-of-vpcs.ts';

/** Network, router, DNS and one for later. */
const reservedAtStart = 4;

export function* interfaceViolations(records: Reader, nowMs: number): Generator<string> {
  const interfaces = [...records.list(networkInterfaceTable)];
  for (const eni of interfaces) {
    yield* placeViolations(records, eni, nowMs);
    yield* addressViolations(records, eni);
    yield* attachmentViolations(records, eni, nowMs);
  }
  const held = interfaces.flatMap((eni) => addressesOf(eni).map((address) => `${eni.subnetId} ${address}`));
  for (const address of repeated(held)) yield `${address} is held twice`;
  for (const mac of repeated(interfaces.map((eni) => `${eni.vpcId} ${eni.macAddress}`))) yield `${mac} is used twice`;
  const devices = interfaces.flatMap(({ attachment }) =>
    attachment?.instanceId === undefined ? [] : [`${attachment.instanceId} ${attachment.networkCardIndex}/${attachment.deviceIndex}`],
  );
  for (const device of repeated(devices)) yield `device ${device} is attached twice`;
  for (const permission of records.list(networkInterfacePermissionTable)) {
    if (!records.get(networkInterfaceTable, permission.networkInterfaceId)) yield `${permission.id} is of an interface that is gone`;
  }
  for (const instance of records.list(instanceTable)) yield* instanceViolations(records, instance, nowMs);
  for (const name of repeated([...records.list(keyPairTable)].map((pair) => pair.name))) yield `two key pairs are called ${name}`;
}

function addressesOf(eni: NetworkInterfaceRecord): readonly string[] {
  return [...eni.privateAddresses.map((one) => one.address), ...eni.ipv6Addresses, ...eni.ipv4Prefixes, ...eni.ipv6Prefixes];
}

function* placeViolations(records: Reader, eni: NetworkInterfaceRecord, nowMs: number): Generator<string> {
  const subnet = records.get(subnetTable, eni.subnetId);
  if (!subnet) return yield `${eni.id} is in ${eni.subnetId}, which is gone`;
  if (subnet.vpcId !== eni.vpcId || subnet.availabilityZone !== eni.availabilityZone) yield `${eni.id} is elsewhere than its subnet`;
  for (const groupId of eni.groupIds) {
    const group = records.get(securityGroupTable, groupId);
    if (!group) yield `${eni.id} has ${groupId}, which is gone`;
    const isLent = group?.vpcAssociations.some((one) => one.vpcId === eni.vpcId && stateAt(one.state, nowMs) !== 'disassociated');
    if (group && group.vpcId !== eni.vpcId && !isLent) yield `${eni.id} has ${groupId} of another VPC`;
  }
  for (const groupId of repeated(eni.groupIds)) yield `${eni.id} has ${groupId} twice`;
}

function* addressViolations(records: Reader, eni: NetworkInterfaceRecord): Generator<string> {
  const subnet = records.get(subnetTable, eni.subnetId);
  if (!subnet) return;
  const primaries = eni.privateAddresses.filter((one) => one.primary);
  const wanted = eni.privateAddresses.length > 0 ? 1 : 0;
  if (primaries.length !== wanted || primaries[0] !== eni.privateAddresses[0]) yield `${eni.id}: the first address is not the one primary`;
  for (const text of [...eni.privateAddresses.map((one) => one.address), ...eni.ipv6Addresses]) {
    if (!isUsable(subnet, text)) yield `${eni.id}: ${text} is not for interfaces of ${subnet.id}`;
    const prefix = records.find(networkInterfaceTable, 'address', `${subnet.id}|${delegationBlock(text)}`);
    if (prefix.length > 0) yield `${eni.id}: ${text} lies in a prefix of ${prefix[0]?.id}`;
  }
  for (const text of [...eni.ipv4Prefixes, ...eni.ipv6Prefixes]) {
    const block = parseCidr(text);
    if (!block || !subnetBlocks(subnet).some((outer) => cidrContains(outer, block))) yield `${eni.id}: ${text} is outside of ${subnet.id}`;
  }
}

function isUsable(subnet: SubnetRecord, text: string): boolean {
  const ip = parseIp(text);
  const block = ip === undefined ? undefined : subnetBlocks(subnet).find((one) => cidrContainsIp(one, ip));
  if (ip === undefined || block === undefined) return false;
  return (ipDistance(firstIp(block), ip) ?? 0) >= reservedAtStart && (!isIpv4(ip) || ip !== lastIp(block));
}

function* attachmentViolations(records: Reader, eni: NetworkInterfaceRecord, nowMs: number): Generator<string> {
  const instanceId = eni.attachment?.instanceId;
  if (instanceId === undefined) return;
  const instance = records.get(instanceTable, instanceId);
  if (!instance) return yield `${eni.id} is attached to ${instanceId}, which is gone`;
  if (stateAt(instance.state, nowMs) === 'terminated') yield `${eni.id} is attached to ${instanceId}, which is terminated`;
  if (instance.availabilityZone !== eni.availabilityZone) yield `${eni.id} is attached to ${instanceId} in another zone`;
}

function* instanceViolations(records: Reader, instance: InstanceRecord, nowMs: number): Generator<string> {
  if (['terminated', 'shutting-down'].includes(stateAt(instance.state, nowMs))) return;
  const primary = records.find(networkInterfaceTable, 'instance', instance.id).filter((eni) => eni.attachment?.deviceIndex === 0);
  if (!primary.some((eni) => eni.attachment?.networkCardIndex === 0)) yield `${instance.id} has no primary interface`;
  const [eni] = primary;
  if (eni && (eni.subnetId !== instance.subnetId || eni.vpcId !== instance.vpcId)) yield `${instance.id} is elsewhere than its interface`;
}
