/** Attributes of the account in a Region: its default VPC, and some of its quotas. */
import type { AccountAttribute } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { findDefaultVpc } from '#services/ec2/vpcs/default-vpc.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { quota } from '#services/service-quotas/public.ts';

/** What AWS answers "does not reflect your actual vCPU limit" (reference of DescribeAccountAttributes). */
const maximumInstances = 20;
/** What `--quotas off` shows: the largest number that clients of the API read. */
const unlimited = 2_147_483_647;

const attributes: Readonly<Record<string, (context: OperationContext) => string | number>> = {
  'supported-platforms': () => 'VPC',
  'vpc-max-security-groups-per-interface': (context) => quota(context, 'vpc', 'L-2AFB9258'),
  'max-elastic-ips': (context) => quota(context, 'ec2', 'L-0263D0A3'),
  'max-instances': () => maximumInstances,
  'vpc-max-elastic-ips': (context) => quota(context, 'ec2', 'L-0263D0A3'),
  'default-vpc': (context) => findDefaultVpc(context)?.id ?? 'none',
};

export const accountAttributes = {
  DescribeAccountAttributes(context, input) {
    const names = new Set<string>(input.AttributeNames);
    const unknown = [...names].find((name) => !Object.hasOwn(attributes, name));
    if (unknown !== undefined) {
      throw invalidParameterValue(
        `Value (${unknown}) for parameter attributeName is invalid. The attribute is not one of those that an account has.`,
      );
    }
    const chosen = Object.entries(attributes).filter(([name]) => names.size === 0 || names.has(name));
    return { AccountAttributes: chosen.map(([name, value]) => view(name, value(context))) };
  },
} satisfies Ec2Operations;

function view(name: string, value: string | number): AccountAttribute {
  return { AttributeName: name, AttributeValues: [{ AttributeValue: String(value === Number.POSITIVE_INFINITY ? unlimited : value) }] };
}
