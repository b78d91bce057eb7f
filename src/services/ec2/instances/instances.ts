/** Instances: launched and described. */
import type { Instance, Reservation } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { clippedPageLimits } from '#aws/pagination.ts';
import { instanceNotFound } from '#services/ec2/errors.ts';
import { instanceFilters } from '#services/ec2/instances/instance-filters.ts';
import { launchInstances } from '#services/ec2/instances/instance-launch.ts';
import { checkInstanceIds, isShown } from '#services/ec2/instances/instance-lookup.ts';
import { instanceView } from '#services/ec2/instances/instance-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';

export const instances = {
  RunInstances(context, input) {
    const launched = launchInstances(context, input);
    return {
      ReservationId: launched[0]?.reservationId,
      OwnerId: context.account,
      Groups: [],
      Instances: launched.map((instance) => instanceView(instance, context)),
    };
  },

  DescribeInstances(context, input) {
    checkInstanceIds(input.InstanceIds);
    const { items, nextToken } = describe(context, input, {
      table: instanceTable,
      ids: input.InstanceIds,
      filters: instanceFilters,
      indexed: {
        'instance-id': 'id',
        'vpc-id': 'vpc',
        'subnet-id': 'subnet',
        'reservation-id': 'reservation',
        'key-name': 'keyName',
        'block-device-mapping.volume-id': 'volume',
      },
      missing: instanceNotFound,
      view: (instance) => ({ reservationId: instance.reservationId, view: instanceView(instance, context) }),
      visible: isShown,
      limits: clippedPageLimits,
    });
    return { Reservations: reservations(items, context), NextToken: nextToken };
  },
} satisfies Ec2Operations;

/** Instances of one launch stand together. */
function reservations(items: readonly { reservationId: string; view: Instance }[], context: OperationContext): Reservation[] {
  const byId = new Map<string, Instance[]>();
  for (const { reservationId, view } of items) {
    const others = byId.get(reservationId);
    if (others) others.push(view);
    else byId.set(reservationId, [view]);
  }
  return [...byId].map(([ReservationId, Instances]) => ({ ReservationId, OwnerId: context.account, Groups: [], Instances }));
}
