/** IAM instance profiles on instances: recorded as they are named; whether IAM has them is not checked. */
import { createHash } from 'node:crypto';
import type { IamInstanceProfileAssociation, IamInstanceProfileSpecification } from '@aws-sdk/client-ec2';
import { globalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { transitionMs } from '#aws/eventual.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { instanceNotFound } from '#services/ec2/errors.ts';
import { incorrectInstanceState } from '#services/ec2/instances/instance-errors.ts';
import { isEnded, requireInstance } from '#services/ec2/instances/instance-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type InstanceRecord, instanceTable, type ProfileAssociation } from '#services/ec2/tables/instances.ts';

const filters: FilterSpec<InstanceRecord> = {
  'instance-id': (instance) => instance.id,
  state: (instance, context) => instance.instanceProfile && stateOf(instance.instanceProfile, context),
};

export const instanceProfileAssociations = {
  AssociateIamInstanceProfile(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    if (isEnded(instance)) throw incorrectInstanceState(`The instance '${instance.id}' is not in the 'running' or 'stopped' state.`);
    if (instance.instanceProfile) {
      throw new AwsError('IncorrectState', `There is an existing association for instance ${instance.id}`);
    }
    return { IamInstanceProfileAssociation: put(context, instance, input.IamInstanceProfile) };
  },

  ReplaceIamInstanceProfileAssociation(context, input) {
    const { instance } = requireAssociation(context, input.AssociationId);
    return { IamInstanceProfileAssociation: put(context, instance, input.IamInstanceProfile) };
  },

  DisassociateIamInstanceProfile(context, input) {
    const { instance, association } = requireAssociation(context, input.AssociationId);
    const { instanceProfile: _gone, ...rest } = instance;
    context.tx.put(instanceTable, rest);
    return { IamInstanceProfileAssociation: { ...view(instance, association, context), State: 'disassociating' } };
  },

  DescribeIamInstanceProfileAssociations(context, input) {
    const ids = input.AssociationIds?.map((id) => requireAssociation(context, id).instance.id);
    const { items, nextToken } = describe(context, input, {
      table: instanceTable,
      ids,
      filters,
      indexed: { 'instance-id': 'id' },
      missing: instanceNotFound, // never: the ids come from the associations
      view: (instance) => instance.instanceProfile && view(instance, instance.instanceProfile, context),
      visible: (instance) => instance.instanceProfile !== undefined && !isEnded(instance),
      call: 'DescribeIamInstanceProfileAssociations',
    });
    return { IamInstanceProfileAssociations: items.filter((item) => item !== undefined), NextToken: nextToken };
  },
} satisfies Ec2Operations;

/**
 * A new association with the profile that a call names.
 * @throws AwsError InvalidParameterCombination for name and ARN, InvalidParameterValue, MissingParameter
 */
export function profileAssociation(context: OperationContext, { Arn, Name }: IamInstanceProfileSpecification): ProfileAssociation {
  if (Arn !== undefined && Name !== undefined) {
    throw invalidParameterCombination(
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  }
  const arn = Arn ?? (Name === undefined ? undefined : globalArn(context, 'iam', `instance-profile/${Name}`));
  if (arn === undefined) throw missingParameter('iamInstanceProfile');
  if (!/^arn:[a-z-]+:iam::[0-9]{12}:instance-profile\/[\w+=,.@/-]+$/.test(arn)) {
    const [parameter, value, what] = Arn === undefined ? ['name', Name, 'name'] : ['arn', Arn, 'ARN'];
    throw invalidParameterValue(
      `Value (${value}) for parameter iamInstanceProfile.${parameter} is invalid. Invalid IAM Instance Profile ${what}`,
    );
  }
  const profileId = `AIPA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
  return { associationId: newId(context, 'iip-assoc'), arn, profileId, associatedMs: context.nowMs };
}

function put(context: OperationContext, instance: InstanceRecord, given: IamInstanceProfileSpecification): IamInstanceProfileAssociation {
  const association = profileAssociation(context, given);
  context.tx.put(instanceTable, { ...instance, instanceProfile: association });
  return view(instance, association, context);
}

/** @throws AwsError InvalidAssociationID.NotFound */
function requireAssociation(
  context: OperationContext,
  id: string,
): { readonly instance: InstanceRecord; readonly association: ProfileAssociation } {
  const [instance] = context.tx.find(instanceTable, 'profileAssociation', id);
  if (!instance?.instanceProfile || isEnded(instance)) {
    throw new AwsError('InvalidAssociationID.NotFound', `An invalid association-id of '${id}' was given`);
  }
  return { instance, association: instance.instanceProfile };
}

function stateOf(association: ProfileAssociation, context: OperationContext): 'associating' | 'associated' {
  return context.nowMs < association.associatedMs + transitionMs ? 'associating' : 'associated';
}

function view(instance: InstanceRecord, association: ProfileAssociation, context: OperationContext): IamInstanceProfileAssociation {
  return {
    AssociationId: association.associationId,
    InstanceId: instance.id,
    IamInstanceProfile: { Arn: association.arn, Id: association.profileId },
    State: stateOf(association, context),
    Timestamp: new Date(association.associatedMs),
  };
}
