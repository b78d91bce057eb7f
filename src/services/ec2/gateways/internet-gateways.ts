/** Internet gateways: made, attached to one VPC, detached, deleted. The exemplar of a noun: copy it in shape. */
import type { InternetGateway } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { dependencyViolation, gatewayNotAttached, internetGatewayNotFound, limitExceeded, alreadyAttached } from '#services/ec2/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { type InternetGatewayRecord, internetGatewayTable } from '#services/ec2/tables/routing.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

const filters: FilterSpec<InternetGatewayRecord> = {
  'attachment.state': (gateway) => (gateway.vpcId ? 'available' : undefined),
  'attachment.vpc-id': (gateway) => gateway.vpcId,
  'internet-gateway-id': (gateway) => gateway.id,
  'owner-id': (_gateway, context) => context.account,
};

export const internetGateways = {
  CreateInternetGateway(context, input) {
    const tags = tagsFor(input.TagSpecifications, 'internet-gateway');
    if (context.tx.count(internetGatewayTable) >= quota(context, 'vpc', 'L-A4707A72')) {
      throw limitExceeded('InternetGatewayLimitExceeded', 'The maximum number of internet gateways has been reached.');
    }
    const gateway: InternetGatewayRecord = { id: newId(context, 'igw'), tags };
    context.tx.put(internetGatewayTable, gateway);
    return { InternetGateway: view(gateway, context) };
  },

  DescribeInternetGateways(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: internetGatewayTable,
      ids: input.InternetGatewayIds,
      filters,
      indexed: { 'attachment.vpc-id': 'vpc', 'internet-gateway-id': 'id' },
      missing: internetGatewayNotFound,
      view,
    });
    return { InternetGateways: items, NextToken: nextToken };
  },

  AttachInternetGateway(context, input) {
    const gateway = requireInternetGateway(context, input.InternetGatewayId);
    const vpc = requireVpc(context, input.VpcId);
    if (gateway.vpcId) {
      throw alreadyAttached(`resource ${gateway.id} is already attached to network ${gateway.vpcId}`);
    }
    if (context.tx.find(internetGatewayTable, 'vpc', vpc.id).length > 0) {
      throw invalidParameterValue(`Network ${vpc.id} already has an internet gateway attached`);
    }
    context.tx.put(internetGatewayTable, { ...gateway, vpcId: vpc.id });
    return {};
  },

  DetachInternetGateway(context, input) {
    const gateway = requireInternetGateway(context, input.InternetGatewayId);
    const vpc = requireVpc(context, input.VpcId);
    if (gateway.vpcId !== vpc.id) throw gatewayNotAttached(`resource ${gateway.id} is not attached to network ${vpc.id}`);
    if (hasPublicAddresses(context, vpc.id)) {
      throw dependencyViolation(
        `Network ${vpc.id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    }
    const { vpcId: _detached, ...rest } = gateway;
    context.tx.put(internetGatewayTable, rest);
    return {};
  },

  DeleteInternetGateway(context, input) {
    const gateway = requireInternetGateway(context, input.InternetGatewayId);
    if (gateway.vpcId) {
      throw dependencyViolation(`The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`);
    }
    context.tx.delete(internetGatewayTable, gateway.id);
    return {};
  },
} satisfies Ec2Operations;

/** @throws AwsError InvalidInternetGatewayID.NotFound */
export function requireInternetGateway(context: OperationContext, id: string): InternetGatewayRecord {
  const gateway = context.tx.get(internetGatewayTable, id);
  if (!gateway) throw internetGatewayNotFound(id);
  return gateway;
}

function hasPublicAddresses(context: OperationContext, vpcId: string): boolean {
  return context.tx
    .find(networkInterfaceTable, 'vpc', vpcId)
    .some((eni) => eni.dynamicPublicIp !== undefined || context.tx.find(addressTable, 'networkInterface', eni.id).length > 0);
}

function view(gateway: InternetGatewayRecord, context: OperationContext): InternetGateway {
  return {
    InternetGatewayId: gateway.id,
    OwnerId: context.account,
    Attachments: gateway.vpcId ? [{ State: 'available' as 'attached', VpcId: gateway.vpcId }] : [], // AWS answers `available`, which the SDK's enumeration lacks
    Tags: [...gateway.tags],
  };
}
