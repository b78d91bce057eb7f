/** Attaching interfaces to instances and detaching them. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { newId } from '#aws/ids.ts';
import { followAttachment } from '#services/ec2/addresses/address-associations.ts';
import { instanceState, requireInstance } from '#services/ec2/instances/instance-lookup.ts';
import {
  attachmentNotFound,
  deviceIndexTaken,
  incorrectInstanceState,
  interfaceAttached,
  operationNotPermitted,
} from '#services/ec2/interfaces/interface-errors.ts';
import { checkRoomForInterface } from '#services/ec2/interfaces/interface-limits.ts';
import { requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import { type InterfaceAttachment, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

export const interfaceAttachments = {
  AttachNetworkInterface(context, input) {
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    const instance = requireSteadyInstance(context, input.InstanceId);
    const { DeviceIndex: deviceIndex, NetworkCardIndex: networkCardIndex = 0 } = input;
    if (deviceIndex < 0) throw invalidParameterValue(`Value (${deviceIndex}) for parameter deviceIndex is invalid.`);
    if (eni.attachment) throw interfaceAttached(eni.id);
    if (eni.availabilityZone !== instance.availabilityZone) {
      throw invalidParameterCombination(
        'You may not attach a network interface to an instance if they are not in the same availability zone',
      );
    }
    const others = context.tx.find(networkInterfaceTable, 'instance', instance.id);
    const isTaken = others.some(
      ({ attachment }) => attachment?.deviceIndex === deviceIndex && attachment.networkCardIndex === networkCardIndex,
    );
    if (isTaken) throw deviceIndexTaken(instance.id, deviceIndex);
    checkRoomForInterface(instance.instanceType, others.length + 1, eni, networkCardIndex);
    const { attachment } = attachInterface(context, eni, { instanceId: instance.id, deviceIndex, networkCardIndex });
    return { AttachmentId: attachment?.id, NetworkCardIndex: networkCardIndex };
  },

  DetachNetworkInterface(context, input) {
    const id = input.AttachmentId;
    const [eni] = context.tx.find(networkInterfaceTable, 'attachment', id);
    if (!eni?.attachment) throw attachmentNotFound(id);
    const { instanceId, deviceIndex, networkCardIndex } = eni.attachment;
    if (instanceId === undefined) throw operationNotPermitted("You are not allowed to manage 'ela-attach' attachments.");
    if (deviceIndex === 0) {
      throw operationNotPermitted(
        `The network interface at device index ${deviceIndex} and networkCard index ${networkCardIndex} cannot be detached.`,
      );
    }
    detachInterface(context, eni);
    return {};
  },
} satisfies Ec2Operations;

export interface AttachmentRequest {
  readonly instanceId: string;
  readonly deviceIndex: number;
  readonly networkCardIndex?: number | undefined;
  readonly deleteOnTermination?: boolean | undefined;
}

/** The attachment of an interface to an instance of the caller's account, as of now. */
export function newAttachment(context: OperationContext, request: AttachmentRequest): InterfaceAttachment {
  return {
    id: newId(context, 'eni-attach'),
    instanceId: request.instanceId,
    instanceOwnerId: context.account,
    deviceIndex: request.deviceIndex,
    networkCardIndex: request.networkCardIndex ?? 0,
    deleteOnTermination: request.deleteOnTermination ?? false,
    attachedMs: context.nowMs,
  };
}

/** Attaches a free interface; whether that may be, the caller has checked. Its Elastic IPs are on the instance from now on. */
export function attachInterface(
  context: OperationContext,
  eni: NetworkInterfaceRecord,
  request: AttachmentRequest,
): NetworkInterfaceRecord {
  const attached = { ...eni, attachment: newAttachment(context, request) };
  context.tx.put(networkInterfaceTable, attached);
  followAttachment(context, attached);
  return attached;
}

/** Detaches an interface. Its Elastic IPs and its dynamic public address stay on it. */
export function detachInterface(context: OperationContext, eni: NetworkInterfaceRecord): NetworkInterfaceRecord {
  const { attachment: _gone, ...detached } = eni;
  context.tx.put(networkInterfaceTable, detached);
  followAttachment(context, detached);
  return detached;
}

/** An instance that runs or is stopped: AWS attaches interfaces to no other. */
function requireSteadyInstance(context: OperationContext, id: string): InstanceRecord {
  const instance = requireInstance(context, id);
  const state = instanceState(instance, context);
  if (state !== 'running' && state !== 'stopped') throw incorrectInstanceState(id);
  return instance;
}
