/** Starting, stopping, rebooting and terminating instances: all that a call names, or none. */
import type { InstanceStateChange } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { rebootInstance, startInstance, stopInstance, terminateInstance } from '#services/ec2/instances/instance-lifecycle.ts';
import { instanceState, requireInstances } from '#services/ec2/instances/instance-lookup.ts';
import { stateView } from '#services/ec2/instances/instance-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import { unsupported } from '#services/ec2/vpcs/vpc-errors.ts';

export const instanceStates = {
  StartInstances(context, input) {
    return { StartingInstances: change(context, input.InstanceIds, startInstance) };
  },

  StopInstances(context, input) {
    if (input.Hibernate) throw unsupported('hibernation: Hibernate');
    return { StoppingInstances: change(context, input.InstanceIds, stopInstance) };
  },

  RebootInstances(context, input) {
    for (const instance of requireInstances(context, input.InstanceIds)) rebootInstance(context, instance);
    return {};
  },

  TerminateInstances(context, input) {
    return { TerminatingInstances: change(context, input.InstanceIds, terminateInstance) };
  },
} satisfies Ec2Operations;

/** A refusal of one instance takes the changes of the others back: the call is one transaction. */
function change(
  context: OperationContext,
  ids: readonly string[],
  act: (context: OperationContext, instance: InstanceRecord) => InstanceRecord,
): InstanceStateChange[] {
  return requireInstances(context, ids).map((instance) => ({
    InstanceId: instance.id,
    PreviousState: stateView(instanceState(instance, context)),
    CurrentState: stateView(instanceState(act(context, instance), context)),
  }));
}
