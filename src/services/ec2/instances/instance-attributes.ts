/** The attributes of an instance: described and changed one at a time (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html). */
import type { InstanceAttribute, ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { severalInterfaces } from '#services/ec2/addresses/address-errors.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { incorrectInstanceState, notStopped, userDataTooLong } from '#services/ec2/instances/instance-errors.ts';
import { checkArchitecture, checkUserData, requireInstanceType, userDataLimit } from '#services/ec2/instances/instance-launch-input.ts';
import { instanceState, interfacesOf, isEnded, requireInstance } from '#services/ec2/instances/instance-lookup.ts';
import { blockDeviceMappings } from '#services/ec2/instances/instance-view.ts';
import { checkRoomForInterface } from '#services/ec2/interfaces/interface-limits.ts';
import { groupsOf } from '#services/ec2/interfaces/interface-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { groupsForInterface } from '#services/ec2/security-groups/security-group-lookup.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { unsupported } from '#services/ec2/vpcs/vpc-errors.ts';

type Change = (context: OperationContext, instance: InstanceRecord) => void;

export const instanceAttributes = {
  ModifyInstanceAttribute(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    if (isEnded(instance)) throw incorrectInstanceState(`The instance '${instance.id}' is terminated and cannot be modified.`);
    const changes = changesIn(input);
    const [change] = changes;
    if (!change) throw invalidParameterCombination('No attributes specified.');
    if (changes.length > 1) throw invalidParameterCombination('Fields for multiple attribute types specified');
    change(context, instance);
    return {};
  },

  ResetInstanceAttribute(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    if (input.Attribute !== 'sourceDestCheck') {
      if (input.Attribute === 'kernel' || input.Attribute === 'ramdisk') throw unsupported(`kernels and RAM disks: ${input.Attribute}`);
      throw invalidParameterValue(
        `Value (${input.Attribute}) for parameter attribute is invalid. Only kernel, ramdisk and sourceDestCheck can be reset.`,
      );
    }
    setSourceDestCheck(true)(context, instance);
    return {};
  },

  DescribeInstanceAttribute(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    return { InstanceId: instance.id, ...attributeView(context, instance, input.Attribute) };
  },
} satisfies Ec2Operations;

/** The changes that a call asks for, in either of its two forms: a member of its own, or Attribute and Value. */
function changesIn(input: ModifyInstanceAttributeRequest): readonly Change[] {
  const changes: Change[] = [];
  const flag = (given: { Value?: boolean | undefined } | undefined, change: (value: boolean) => Change) => {
    if (given) changes.push(change(given.Value ?? false));
  };
  const text = (given: { Value?: string | undefined } | undefined, change: (value: string) => Change) => {
    if (given) changes.push(change(given.Value ?? ''));
  };
  flag(input.SourceDestCheck, setSourceDestCheck);
  flag(input.DisableApiTermination, (disableApiTermination) => set({ disableApiTermination }));
  flag(input.DisableApiStop, (disableApiStop) => set({ disableApiStop }));
  flag(input.EbsOptimized, (ebsOptimized) => whenStopped(set({ ebsOptimized })));
  flag(input.EnaSupport, refuseEnaChange);
  text(input.SriovNetSupport, setSriovNetSupport);
  text(input.InstanceType, setInstanceType);
  text(input.InstanceInitiatedShutdownBehavior, setShutdownBehavior);
  text(input.Kernel, () => refuse('kernels: Kernel'));
  text(input.Ramdisk, () => refuse('RAM disks: Ramdisk'));
  if (input.UserData) changes.push(setUserData(Buffer.from(input.UserData.Value ?? [])));
  if (input.Groups && input.Groups.length > 0) changes.push(setGroups(input.Groups));
  if (input.BlockDeviceMappings && input.BlockDeviceMappings.length > 0) changes.push(setDeleteOnTermination(input.BlockDeviceMappings));
  if (input.Attribute !== undefined && input.Value !== undefined) changes.push(named(input.Attribute, input.Value));
  return changes;
}

/** The old form: `Attribute=disableApiTermination&Value=true`. */
function named(attribute: string, value: string): Change {
  switch (attribute) {
    case 'disableApiTermination':
      return set({ disableApiTermination: booleanOf(value) });
    case 'disableApiStop':
      return set({ disableApiStop: booleanOf(value) });
    case 'ebsOptimized':
      return whenStopped(set({ ebsOptimized: booleanOf(value) }));
    case 'instanceInitiatedShutdownBehavior':
      return setShutdownBehavior(value);
    case 'instanceType':
      return setInstanceType(value);
    case 'sourceDestCheck':
      return setSourceDestCheck(booleanOf(value));
    case 'userData':
      return setUserData(Buffer.from(checkUserData(value), 'base64'));
    default:
      throw invalidParameterValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`);
  }
}

function booleanOf(value: string): boolean {
  const text = value.toLowerCase();
  if (text !== 'true' && text !== 'false')
    throw invalidParameterValue(`Value (${value}) for parameter value is invalid. Expecting true or false.`);
  return text === 'true';
}

function set(values: Partial<InstanceRecord>): Change {
  return ({ tx }, instance) => tx.put(instanceTable, { ...instance, ...values });
}

function refuse(what: string): Change {
  return () => {
    throw unsupported(what);
  };
}

function whenStopped(change: Change): Change {
  return (context, instance) => {
    if (instanceState(instance, context) !== 'stopped') throw notStopped(instance.id);
    change(context, instance);
  };
}

function setSourceDestCheck(sourceDestCheck: boolean): Change {
  return (context, instance) => context.tx.put(networkInterfaceTable, { ...onlyInterface(context, instance), sourceDestCheck });
}

function setGroups(groups: readonly string[]): Change {
  return (context, instance) => {
    const eni = onlyInterface(context, instance);
    context.tx.put(networkInterfaceTable, { ...eni, groupIds: groupsForInterface(context, eni.vpcId, groups) });
  };
}

/** With several interfaces it would not be clear which is meant. */
function onlyInterface(context: OperationContext, instance: InstanceRecord): NetworkInterfaceRecord {
  const [eni, another] = interfacesOf(context, instance.id);
  if (!eni || another) throw severalInterfaces(instance.id);
  return eni;
}

function setUserData(bytes: Buffer): Change {
  return whenStopped((context, instance) => {
    if (bytes.length > userDataLimit) throw userDataTooLong(userDataLimit);
    const { userData: _before, ...rest } = instance;
    context.tx.put(instanceTable, bytes.length === 0 ? rest : { ...rest, userData: bytes.toString('base64') });
  });
}

/** The new type must have room for the interfaces, and processors for the image. */
function setInstanceType(name: string): Change {
  return whenStopped((context, instance) => {
    const type = requireInstanceType(name);
    const image = publicImages(context.region).get(instance.imageId);
    if (image) checkArchitecture(type, image);
    const enis = interfacesOf(context, instance.id);
    for (const eni of enis) checkRoomForInterface(type.name, enis.length, eni, eni.attachment?.networkCardIndex ?? 0);
    const { cpuOptions: _ofTypeBefore, cpuCredits, ...rest } = instance;
    context.tx.put(instanceTable, {
      ...rest,
      instanceType: type.name,
      ...(type.family.burstable ? { cpuCredits: cpuCredits ?? (type.family.name === 't2' ? 'standard' : 'unlimited') } : {}),
    });
  });
}

function setShutdownBehavior(value: string): Change {
  if (value !== 'stop' && value !== 'terminate') {
    throw invalidParameterValue(`Invalid value '${value}' for InstanceInitiatedShutdownBehavior. Supported values are stop, terminate.`);
  }
  return set({ shutdownBehavior: value });
}

function setSriovNetSupport(value: string): Change {
  if (value !== 'simple')
    throw invalidParameterValue(`Value (${value}) for parameter value is invalid. Sriov support only takes 'simple'.`);
  return whenStopped(() => {}); // the images of the catalogue have it already
}

function refuseEnaChange(value: boolean): Change {
  return whenStopped(() => {
    if (!value) throw invalidParameterValue('Enhanced networking with ENA cannot be disabled.');
  });
}

type Mappings = NonNullable<ModifyInstanceAttributeRequest['BlockDeviceMappings']>;

function setDeleteOnTermination(mappings: Mappings): Change {
  return ({ tx }, instance) => {
    let { volumes } = instance;
    for (const { DeviceName, Ebs } of mappings) {
      if (!volumes.some((volume) => volume.deviceName === DeviceName && (Ebs?.VolumeId ?? volume.id) === volume.id)) {
        throw new AwsError('InvalidInstanceAttributeValue', `No device is currently mapped at ${DeviceName}`);
      }
      const deleteOnTermination = Ebs?.DeleteOnTermination ?? true;
      volumes = volumes.map((volume) => (volume.deviceName === DeviceName ? { ...volume, deleteOnTermination } : volume));
    }
    tx.put(instanceTable, { ...instance, volumes });
  };
}

function attributeView(context: OperationContext, instance: InstanceRecord, attribute: string): InstanceAttribute {
  const [primary] = interfacesOf(context, instance.id);
  switch (attribute) {
    case 'instanceType':
      return { InstanceType: { Value: instance.instanceType } };
    case 'kernel':
      return { KernelId: {} };
    case 'ramdisk':
      return { RamdiskId: {} };
    case 'userData':
      return { UserData: instance.userData === undefined ? {} : { Value: instance.userData } };
    case 'disableApiTermination':
      return { DisableApiTermination: { Value: instance.disableApiTermination } };
    case 'disableApiStop':
      return { DisableApiStop: { Value: instance.disableApiStop } };
    case 'instanceInitiatedShutdownBehavior':
      return { InstanceInitiatedShutdownBehavior: { Value: instance.shutdownBehavior } };
    case 'rootDeviceName':
      return { RootDeviceName: { Value: instance.volumes[0]?.deviceName } };
    case 'blockDeviceMapping':
      return { BlockDeviceMappings: blockDeviceMappings(instance, context) };
    case 'productCodes':
      return { ProductCodes: [] };
    case 'sourceDestCheck':
      return { SourceDestCheck: { Value: primary?.sourceDestCheck } };
    case 'groupSet':
      return { Groups: primary ? groupsOf(primary, context) : [] };
    case 'ebsOptimized':
      return { EbsOptimized: { Value: instance.ebsOptimized } };
    case 'sriovNetSupport':
      return { SriovNetSupport: {} };
    case 'enclaveOptions':
      return { EnclaveOptions: { Enabled: false } };
    default:
      // `enaSupport` too: "Note that the enaSupport attribute is not supported".
      throw invalidParameterValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`);
  }
}
