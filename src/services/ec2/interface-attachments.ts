/** Attaching interfaces to instances and detaching them. */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { followAttachment } from '#services/ec2/address-associations.ts';
import { type InterfaceAttachment, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

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
