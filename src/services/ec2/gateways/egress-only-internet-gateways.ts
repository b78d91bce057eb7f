/** Egress-only internet gateways: IPv6 out, answers in, nothing else. */
import type { EgressOnlyInternetGateway } from '@aws-sdk/client-ec2';
import { describe } from '#aws/describe.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type EgressOnlyInternetGatewayRecord, egressOnlyInternetGatewayTable } from '#services/ec2/tables/routing.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS documents tag filters only. */
const filters: FilterSpec<EgressOnlyInternetGatewayRecord> = {};

export const egressOnlyInternetGateways = {
  CreateEgressOnlyInternetGateway(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    const tags = tagsFor(input.TagSpecifications, 'egress-only-internet-gateway');
    if (context.tx.count(egressOnlyInternetGatewayTable) >= quota(context, 'vpc', 'L-45FE3B85')) {
      throw limitExceeded(
        'EgressOnlyInternetGatewayLimitExceeded',
        'The maximum number of egress-only internet gateways has been reached.',
      );
    }
    const gateway: EgressOnlyInternetGatewayRecord = { id: newId(context, 'eigw'), vpcId: vpc.id, tags };
    context.tx.put(egressOnlyInternetGatewayTable, gateway);
    return { EgressOnlyInternetGateway: view(gateway), ClientToken: input.ClientToken };
  },

  DescribeEgressOnlyInternetGateways(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: egressOnlyInternetGatewayTable,
      ids: input.EgressOnlyInternetGatewayIds,
      filters,
      missing: (ids) => egressOnlyInternetGatewayNotFound(ids.join(', ')),
      view,
      limits: { min: 5, max: 255 },
    });
    return { EgressOnlyInternetGateways: items, NextToken: nextToken };
  },

  /** Routes that point at it become blackholes, as in AWS. */
  DeleteEgressOnlyInternetGateway(context, input) {
    const id = input.EgressOnlyInternetGatewayId;
    if (!context.tx.get(egressOnlyInternetGatewayTable, id)) throw egressOnlyInternetGatewayNotFound(id);
    context.tx.delete(egressOnlyInternetGatewayTable, id);
    return { ReturnCode: true };
  },
} satisfies Ec2Operations;

export function egressOnlyInternetGatewayNotFound(id: string): AwsError {
  return new AwsError('InvalidGatewayID.NotFound', `The eigw ID '${id}' does not exist`);
}

function view(gateway: EgressOnlyInternetGatewayRecord): EgressOnlyInternetGateway {
  return { EgressOnlyInternetGatewayId: gateway.id, Attachments: [{ State: 'attached', VpcId: gateway.vpcId }], Tags: [...gateway.tags] };
}
