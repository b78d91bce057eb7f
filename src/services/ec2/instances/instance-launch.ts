/** Launching instances: everything is checked and planned once, then each instance is made with its interfaces. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { assignDynamicPublicIp } from '#services/ec2/addresses/address-associations.ts';
import { privateDnsName, resourceDnsName } from '#services/ec2/addresses/address-names.ts';
import {
  checkArchitecture,
  checkClientToken,
  checkUserData,
  countsOf,
  cpuCreditsOf,
  cpuOptionsOf,
  defaultInstanceType,
  hostnameOptionsOf,
  refuseUnmodelled,
  requireImage,
  requireInstanceType,
  withoutEmptyTexts,
} from '#services/ec2/instances/instance-launch-input.ts';
import { type InterfacePlan, planNetwork, roomInSubnet } from '#services/ec2/instances/instance-launch-network.ts';
import { profileAssociation } from '#services/ec2/instances/instance-profile-associations.ts';
import { forgetTerminated, transition } from '#services/ec2/instances/instance-lifecycle.ts';
import { metadataOptionsAtLaunch } from '#services/ec2/instances/instance-metadata-options.ts';
import { roomForInstances, takeVcpus } from '#services/ec2/instances/instance-vcpus.ts';
import { createVolumes, planVolumes } from '#services/ec2/instances/instance-volumes.ts';
import { attachInterface, newAttachment } from '#services/ec2/interfaces/interface-attachments.ts';
import { createInterface, type InterfaceRequest } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { checkRoomForInterface } from '#services/ec2/interfaces/interface-limits.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { requireKeyPair } from '#services/ec2/instances/key-pair-lookup.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';

const taggable = ['instance', 'volume', 'network-interface', 'spot-instances-request'];

/**
 * Launches the instances of one RunInstances call; as many as quota and addresses allow, from MinCount to MaxCount.
 * @throws AwsError what AWS refuses a launch for
 */
export function launchInstances(context: OperationContext, request: RunInstancesRequest): readonly InstanceRecord[] {
  const input = withoutEmptyTexts(request);
  refuseUnmodelled(input);
  checkClientToken(input.ClientToken);
  const counts = countsOf(input);
  const image = requireImage(context, input.ImageId);
  const type = requireInstanceType(input.InstanceType ?? defaultInstanceType);
  checkArchitecture(type, image);
  const keyPair = input.KeyName === undefined ? undefined : requireKeyPair(context, input.KeyName);
  const network = planNetwork(context, input, type, counts.max);
  const volumePlans = planVolumes(image, input.BlockDeviceMappings);
  const tags = tagsOfLaunch(input);
  const tenancy = tenancyOf(context, network.subnet.vpcId, input);
  const count = Math.max(
    counts.min,
    Math.min(counts.max, roomInSubnet(network), tenancy === 'default' ? roomForInstances(context, type.name) : counts.max),
  );
  if (tenancy === 'default') takeVcpus(context, type.name, count);
  forgetTerminated(context);

  const { cpuOptions, cpuCredits, userData } = {
    cpuOptions: cpuOptionsOf(type, input.CpuOptions),
    cpuCredits: cpuCreditsOf(type, input),
    userData: input.UserData === undefined ? undefined : checkUserData(input.UserData),
  };
  const common = {
    reservationId: newId(context, 'r'),
    imageId: image.id,
    instanceType: type.name,
    ...(keyPair ? { keyName: keyPair.name, publicKey: keyPair.publicKey } : {}),
    ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
    vpcId: network.subnet.vpcId,
    subnetId: network.subnet.id,
    availabilityZone: network.subnet.availabilityZone,
    launchMs: context.nowMs,
    createdMs: context.nowMs,
    boot: 1,
    ...(userData === undefined ? {} : { userData }),
    metadataOptions: metadataOptionsAtLaunch(context, image, input.MetadataOptions),
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? 'stop',
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    ebsOptimized: input.EbsOptimized ?? false,
    monitoring: input.Monitoring?.Enabled ?? false,
    tenancy,
    ...hostnameOptionsOf(network.subnet, input),
    ...(cpuOptions ? { cpuOptions } : {}),
    ...(cpuCredits ? { cpuCredits } : {}),
    autoRecovery: input.MaintenanceOptions?.AutoRecovery ?? 'default',
    tags: tags.instance,
  } satisfies Partial<InstanceRecord>;

  return Array.from({ length: count }, (_, launchIndex) => {
    const id = newId(context, 'i');
    const enis = network.interfaces.map((plan) => connect(context, id, type.name, plan, network.interfaces.length, tags.networkInterface));
    const instance: InstanceRecord = {
      ...common,
      id,
      launchIndex,
      state: transition('launch', context),
      privateDnsName: hostName(context.region, id, common.hostnameType, enis[0]),
      volumes: createVolumes(context, volumePlans, tags.volume),
      // An association of its own for each instance.
      ...(input.IamInstanceProfile ? { instanceProfile: profileAssociation(context, input.IamInstanceProfile) } : {}),
    };
    context.tx.put(instanceTable, instance);
    for (const [index, plan] of network.interfaces.entries()) {
      const eni = enis[index];
      if (plan.publicIp && eni) assignDynamicPublicIp(context, eni);
    }
    return instance;
  });
}

/** The private host name by address or by id; an instance without IPv4 address has the one by id. */
export function hostName(
  region: string,
  instanceId: string,
  hostnameType: InstanceRecord['hostnameType'],
  primary: NetworkInterfaceRecord | undefined,
): string {
  const address = primary && primaryAddress(primary);
  return hostnameType === 'resource-name' || address === undefined ? resourceDnsName(region, instanceId) : privateDnsName(region, address);
}

/** Makes or attaches one interface of a new instance. */
function connect(
  context: OperationContext,
  instanceId: string,
  typeName: string,
  plan: InterfacePlan,
  count: number,
  tags: ReturnType<typeof tagsFor>,
): NetworkInterfaceRecord {
  const place = {
    instanceId,
    deviceIndex: plan.deviceIndex,
    networkCardIndex: plan.networkCardIndex,
    deleteOnTermination: plan.deleteOnTermination,
  };
  const eni = plan.existing
    ? attachInterface(context, plan.existing, place)
    : createInterface(context, { ...(plan.request as InterfaceRequest), attachment: newAttachment(context, place), tags }); // a plan without an interface has a request
  checkRoomForInterface(typeName, count, eni, plan.networkCardIndex);
  return eni;
}

function tagsOfLaunch({ TagSpecifications: specifications }: RunInstancesRequest) {
  return {
    instance: tagsFor(specifications, 'instance', taggable),
    volume: tagsFor(specifications, 'volume', taggable),
    networkInterface: tagsFor(specifications, 'network-interface', taggable),
  };
}

/** A VPC with dedicated tenancy makes every instance in it dedicated. */
function tenancyOf(context: OperationContext, vpcId: string, input: RunInstancesRequest): InstanceRecord['tenancy'] {
  if (context.tx.get(vpcTable, vpcId)?.tenancy === 'dedicated') return 'dedicated';
  return input.Placement?.Tenancy === 'dedicated' ? 'dedicated' : 'default';
}
