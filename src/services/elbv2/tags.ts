/** Tags of load balancers, listeners, rules and target groups. */
import type { OperationContext } from '#aws/context.ts';
import type { Tagged } from '#aws/tags.ts';
import { kindOf, type ResourceKind } from '#services/elbv2/arns.ts';
import { validationError } from '#services/elbv2/errors.ts';
import { requireListener, requireLoadBalancer, requireRule, requireTargetGroup } from '#services/elbv2/lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { listenerTable, loadBalancerTable, ruleTable, targetGroupTable } from '#services/elbv2/tables.ts';
import { checkTags, withTags } from '#services/elbv2/tag-values.ts';
import type { StoreRecord, Table } from '#store/table.ts';

/** AWS's limit for one call. */
const mostResources = 20;

type TaggedRecord = StoreRecord & Tagged;

interface Resource {
  readonly record: TaggedRecord;
  readonly put: (tags: Tagged['tags']) => void;
}

export const tags = {
  AddTags(context, input) {
    const added = checkTags(input.Tags);
    for (const { record, put } of resourcesOf(context, input.ResourceArns)) put(withTags(record.tags, added));
    return {};
  },

  RemoveTags(context, input) {
    const gone = new Set(input.TagKeys);
    for (const { record, put } of resourcesOf(context, input.ResourceArns)) put(record.tags.filter(({ Key }) => !gone.has(Key)));
    return {};
  },

  DescribeTags(context, input) {
    const resources = resourcesOf(context, input.ResourceArns);
    return { TagDescriptions: resources.map(({ record }) => ({ ResourceArn: record.id, Tags: [...record.tags] })) };
  },
} satisfies Elbv2Operations;

/** @throws AwsError ValidationError, and the noun's own when one is not there */
function resourcesOf(context: OperationContext, arns: readonly string[]): readonly Resource[] {
  if (arns.length === 0) throw validationError('At least one resource ARN must be specified');
  if (arns.length > mostResources) throw validationError(`Cannot have more than ${mostResources} resources described`);
  return [...new Set(arns)].map((arn) => {
    const kind = kindOf(arn);
    if (kind === undefined) throw validationError(`'${arn}' is not a valid ARN`);
    return finders[kind](context, arn);
  });
}

const finders: Readonly<Record<ResourceKind, (context: OperationContext, arn: string) => Resource>> = {
  loadbalancer: (context, arn) => resource(context, loadBalancerTable, requireLoadBalancer(context, arn)),
  listener: (context, arn) => resource(context, listenerTable, requireListener(context, arn)),
  'listener-rule': (context, arn) => resource(context, ruleTable, requireRule(context, arn)),
  targetgroup: (context, arn) => resource(context, targetGroupTable, requireTargetGroup(context, arn)),
};

function resource<R extends TaggedRecord>({ tx }: OperationContext, table: Table<R, string>, record: R): Resource {
  return { record, put: (changed) => tx.put(table, { ...record, tags: changed }) };
}
