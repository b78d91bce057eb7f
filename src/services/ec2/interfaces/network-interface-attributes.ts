/** The attributes of a network interface, one per call: description, groups, source/destination check, attachment, and more. */
import type { ModifyNetworkInterfaceAttributeRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { assignDynamicPublicIp, isOnInstance, releaseDynamicPublicIp } from '#services/ec2/addresses/address-associations.ts';
import { attachmentNotFound } from '#services/ec2/interfaces/interface-errors.ts';
import { requireInterface, requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { attachmentView, groupsOf } from '#services/ec2/interfaces/interface-view.ts';
import { connectionTrackingOf, isGiven } from '#services/ec2/interfaces/network-interface-input.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { groupsForInterface } from '#services/ec2/security-groups/security-group-lookup.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

/** What ModifyNetworkInterfaceAttribute changes, by its member. */
const changes: {
  readonly [M in keyof ModifyNetworkInterfaceAttributeRequest]?: (
    context: OperationContext,
    eni: NetworkInterfaceRecord,
    value: Exclude<ModifyNetworkInterfaceAttributeRequest[M], undefined>,
  ) => NetworkInterfaceRecord;
} = {
  Description: (_context, eni, { Value }) => ({ ...eni, description: Value ?? '' }),
  SourceDestCheck: (_context, eni, { Value }) => ({ ...eni, sourceDestCheck: Value ?? true }),
  Groups: (context, eni, groups) => ({ ...eni, groupIds: groupsForInterface(context, eni.vpcId, groups) }),
  Attachment: (_context, eni, { AttachmentId, DeleteOnTermination }) => {
    if (AttachmentId === undefined) throw missingParameter('attachmentId');
    if (eni.attachment?.id !== AttachmentId) throw attachmentNotFound(AttachmentId);
    return { ...eni, attachment: { ...eni.attachment, deleteOnTermination: DeleteOnTermination ?? eni.attachment.deleteOnTermination } };
  },
  EnablePrimaryIpv6: (_context, eni, enabled) => {
    // Once on, it stays for the life of the interface (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html).
    if (!enabled && eni.primaryIpv6) throw invalidParameterValue('A primary IPv6 address cannot be disabled.');
    if (enabled && eni.ipv6Addresses.length === 0)
      throw invalidParameterValue('A primary IPv6 address needs an IPv6 address on the network interface.');
    return enabled ? { ...eni, primaryIpv6: true } : eni;
  },
  ConnectionTrackingSpecification: (_context, eni, tracking) => ({
    ...eni,
    connectionTracking: { ...eni.connectionTracking, ...connectionTrackingOf(tracking) },
  }),
  AssociatePublicIpAddress: changePublicIp,
};

export const networkInterfaceAttributes = {
  ModifyNetworkInterfaceAttribute(context, input) {
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    const [member, ...others] = (Object.keys(changes) as (keyof typeof changes)[]).filter((name) => isGiven(input[name])); // a literal's own keys
    if (!member) throw invalidParameterCombination('No attributes specified.');
    if (others.length > 0) throw invalidParameterCombination('Fields for multiple attribute types specified');
    const change = changes[member] as (context: OperationContext, eni: NetworkInterfaceRecord, value: unknown) => NetworkInterfaceRecord; // the member's own change
    context.tx.put(networkInterfaceTable, change(context, eni, input[member]));
    return {};
  },

  DescribeNetworkInterfaceAttribute(context, input) {
    const eni = requireInterface(context, input.NetworkInterfaceId);
    const NetworkInterfaceId = eni.id;
    switch (input.Attribute) {
      case 'description':
        return { NetworkInterfaceId, Description: { Value: eni.description } };
      case 'groupSet':
        return { NetworkInterfaceId, Groups: groupsOf(eni, context) };
      case 'sourceDestCheck':
        return { NetworkInterfaceId, SourceDestCheck: { Value: eni.sourceDestCheck } };
      case 'attachment':
        return { NetworkInterfaceId, Attachment: eni.attachment && attachmentView(eni.attachment, context) };
      case 'associatePublicIpAddress':
        return { NetworkInterfaceId, AssociatePublicIpAddress: eni.wantsPublicIp === true };
      default:
        throw missingParameter('attribute');
    }
  },

  ResetNetworkInterfaceAttribute(context, input) {
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    if (input.SourceDestCheck === undefined) throw missingParameter('sourceDestCheck');
    context.tx.put(networkInterfaceTable, { ...eni, sourceDestCheck: true });
    return {};
  },
} satisfies Ec2Operations;

/** The dynamic public address comes and goes at once, and only on the primary interface of a running instance. */
function changePublicIp(context: OperationContext, eni: NetworkInterfaceRecord, wanted: boolean): NetworkInterfaceRecord {
  if (!wanted) {
    const { wantsPublicIp: _wanted, ...rest } = releaseDynamicPublicIp(context, eni);
    return rest;
  }
  return isOnInstance(context, eni) && eni.attachment?.deviceIndex === 0
    ? assignDynamicPublicIp(context, eni)
    : { ...eni, wantsPublicIp: true };
}
