/** Managed prefix lists: the account's own, and AWS's (https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html). */
import type { ManagedPrefixList } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { becoming, stateAt } from '#aws/eventual.ts';
import { compileFilters, type Filter, type FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { type PageInput, type PageLimits, paginate, paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { awsPrefixLists } from '#services/ec2/prefix-lists/aws-prefix-lists.ts';
import { dependencyViolation, limitExceeded } from '#services/ec2/errors.ts';
import { changeEntries, readCidr, readEntries } from '#services/ec2/prefix-lists/prefix-list-entries.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { type PrefixListRecord, prefixListTable, routeTableTable } from '#services/ec2/tables/routing.ts';
import { quota } from '#services/service-quotas/public.ts';

const nameLength = 255;
/** AWS's largest list. */
const largestList = 1000;
const pageLimits: PageLimits = { min: 1, max: 100 };

const filters: FilterSpec<PrefixListRecord> = {
  'owner-id': ownerOf,
  'prefix-list-id': (list) => list.id,
  'prefix-list-name': (list) => list.name,
};

export const prefixLists = {
  CreateManagedPrefixList(context, input) {
    checkName(input.PrefixListName);
    if (input.AddressFamily !== 'IPv4' && input.AddressFamily !== 'IPv6') {
      throw invalidParameterValue(`Value (${input.AddressFamily}) for parameter addressFamily is invalid. Valid values are IPv4 and IPv6.`);
    }
    checkSize(input.MaxEntries);
    const tags = tagsFor(input.TagSpecifications, 'prefix-list');
    if (context.tx.count(prefixListTable) >= quota(context, 'vpc', 'prefix-lists')) {
      throw limitExceeded('PrefixListLimitExceeded', 'The maximum number of prefix lists has been reached.');
    }
    const list: PrefixListRecord = {
      id: newId(context, 'pl'),
      name: input.PrefixListName,
      addressFamily: input.AddressFamily,
      maxEntries: input.MaxEntries,
      version: 1,
      entries: changeEntries([], readEntries(input.AddressFamily, input.Entries ?? []), [], input.MaxEntries),
      history: [],
      state: becoming('create-in-progress', 'create-complete', context.nowMs),
      ownedByAws: false,
      tags,
    };
    context.tx.put(prefixListTable, list);
    return { PrefixList: view(list, context) };
  },

  DescribeManagedPrefixLists(context, input) {
    const { items, nextToken } = choose(context, 'DescribeManagedPrefixLists', input, [
      ...awsPrefixLists(context.region),
      ...context.tx.list(prefixListTable),
    ]);
    return { PrefixLists: items.map((list) => view(list, context)), NextToken: nextToken };
  },

  /** The older call: AWS's own lists with their blocks. */
  DescribePrefixLists(context, input) {
    const { items, nextToken } = choose(context, 'DescribePrefixLists', input, awsPrefixLists(context.region));
    const views = items.map((list) => ({
      PrefixListId: list.id,
      PrefixListName: list.name,
      Cidrs: list.entries.map((entry) => entry.cidr),
    }));
    return { PrefixLists: views, NextToken: nextToken };
  },

  GetManagedPrefixListEntries(context, input) {
    const list = requirePrefixList(context, input.PrefixListId);
    const version = input.TargetVersion ?? list.version;
    // The entries of a version never change.
    const { items, nextToken } = paginate(input, entriesOf(list, version), pageLimits, ['GetManagedPrefixListEntries', list.id, version]);
    return { Entries: items.map((entry) => ({ Cidr: entry.cidr, Description: entry.description })), NextToken: nextToken };
  },

  GetManagedPrefixListAssociations(context, input) {
    const list = requirePrefixList(context, input.PrefixListId);
    const ids = [...context.tx.find(routeTableTable, 'prefixList', list.id), ...context.tx.find(securityGroupTable, 'prefixList', list.id)];
    const associations = ids.map(({ id }) => ({ ResourceId: id, ResourceOwner: context.account }));
    const { items, nextToken } = paginateByKey(
      input,
      associations,
      ({ ResourceId }) => ResourceId,
      ['GetManagedPrefixListAssociations', list.id],
      {
        min: 5,
        max: 255,
      },
    );
    return { PrefixListAssociations: [...items], NextToken: nextToken };
  },

  ModifyManagedPrefixList(context, input) {
    const list = requireOwn(context, input.PrefixListId);
    const changesEntries = (input.AddEntries?.length ?? 0) + (input.RemoveEntries?.length ?? 0) > 0;
    if (changesEntries && input.MaxEntries !== undefined) {
      throw invalidParameterCombination(
        'You cannot modify the entries of a prefix list and modify the size of a prefix list at the same time.',
      );
    }
    if (changesEntries) {
      if (input.CurrentVersion === undefined) throw missingParameter('CurrentVersion');
      checkVersion(list, input.CurrentVersion);
    }
    if (input.PrefixListName !== undefined) checkName(input.PrefixListName);
    if (input.MaxEntries !== undefined) {
      checkSize(input.MaxEntries);
      if (input.MaxEntries < list.entries.length) {
        throw invalidParameterValue(`The prefix list has ${list.entries.length} entries: MaxEntries cannot be ${input.MaxEntries}`);
      }
    }
    const modified: PrefixListRecord = {
      ...list,
      name: input.PrefixListName ?? list.name,
      maxEntries: input.MaxEntries ?? list.maxEntries,
      state: becoming('modify-in-progress', 'modify-complete', context.nowMs),
    };
    const changed = changesEntries
      ? withEntries(
          modified,
          changeEntries(
            list.entries,
            readEntries(list.addressFamily, input.AddEntries ?? []),
            (input.RemoveEntries ?? []).map((entry) => readCidr(list.addressFamily, entry.Cidr ?? '')),
            list.maxEntries,
          ),
        )
      : modified;
    context.tx.put(prefixListTable, changed);
    return { PrefixList: view(changed, context) };
  },

  RestoreManagedPrefixListVersion(context, input) {
    const list = requireOwn(context, input.PrefixListId);
    checkVersion(list, input.CurrentVersion);
    const entries = entriesOf(list, input.PreviousVersion);
    const restored = withEntries({ ...list, state: becoming('restore-in-progress', 'restore-complete', context.nowMs) }, entries);
    context.tx.put(prefixListTable, restored);
    return { PrefixList: view(restored, context) };
  },

  DeleteManagedPrefixList(context, input) {
    const list = requireOwn(context, input.PrefixListId);
    const used =
      context.tx.find(routeTableTable, 'prefixList', list.id)[0] ?? context.tx.find(securityGroupTable, 'prefixList', list.id)[0];
    if (used) throw dependencyViolation(`The prefix list '${list.id}' is referenced by ${used.id} and cannot be deleted.`);
    context.tx.delete(prefixListTable, list.id);
    return { PrefixList: { ...view(list, context), State: 'delete-in-progress' } };
  },
} satisfies Ec2Operations;

/**
 * The account's own list, or AWS's.
 * @throws AwsError InvalidPrefixListID.NotFound
 */
export function requirePrefixList(context: OperationContext, id: string): PrefixListRecord {
  const list = context.tx.get(prefixListTable, id) ?? awsPrefixLists(context.region).find((one) => one.id === id);
  if (!list) throw prefixListNotFound(id);
  return list;
}

function prefixListNotFound(id: string): AwsError {
  return new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
}

function requireOwn(context: OperationContext, id: string): PrefixListRecord {
  const list = requirePrefixList(context, id);
  if (list.ownedByAws) throw new AwsError('UnauthorizedOperation', `The prefix list '${id}' is owned by AWS and cannot be changed.`, 403);
  return list;
}

function choose(
  context: OperationContext,
  call: string,
  input: PageInput & { readonly Filters?: readonly Filter[] | undefined; readonly PrefixListIds?: readonly string[] | undefined },
  lists: readonly PrefixListRecord[],
) {
  const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
  const ids = input.PrefixListIds ?? [];
  for (const id of ids) {
    if (!lists.some((list) => list.id === id)) throw prefixListNotFound(id);
  }
  const chosen = lists.filter((list) => (ids.length === 0 || ids.includes(list.id)) && matches(list));
  const order = awsPrefixLists(context.region).map((list) => list.id);
  const keyOf = ({ id, ownedByAws }: PrefixListRecord) =>
    ownedByAws ? sequenceKey(0, String(order.indexOf(id)).padStart(3, '0')) : sequenceKey(context.tx.sequenceOf(prefixListTable, id));
  return paginateByKey(input, chosen, keyOf, [call, input.Filters ?? [], ids], pageLimits);
}

function checkName(name: string): void {
  if (name.length === 0 || name.length > nameLength || name.startsWith('com.amazonaws')) {
    throw invalidParameterValue(
      `Value (${name}) for parameter prefixListName is invalid. The name has up to ${nameLength} characters and cannot start with com.amazonaws.`,
    );
  }
}

function checkSize(maxEntries: number): void {
  if (maxEntries < 1 || maxEntries > largestList) {
    throw invalidParameterValue(`Value (${maxEntries}) for parameter maxEntries is invalid. It must be between 1 and ${largestList}.`);
  }
}

function checkVersion(list: PrefixListRecord, version: number): void {
  if (version !== list.version) {
    throw new AwsError(
      'PrefixListVersionMismatch',
      `The prefix list has the incorrect version number. The current version is ${list.version}.`,
    );
  }
}

function entriesOf(list: PrefixListRecord, version: number): PrefixListRecord['entries'] {
  if (version === list.version) return list.entries;
  const earlier = list.history.find((one) => one.version === version);
  if (!earlier) throw invalidParameterValue(`The prefix list '${list.id}' has no version ${version}`);
  return earlier.entries;
}

/** The next version, with the present one kept for GetManagedPrefixListEntries and for restoring. */
function withEntries(list: PrefixListRecord, entries: PrefixListRecord['entries']): PrefixListRecord {
  return { ...list, entries, version: list.version + 1, history: [...list.history, { version: list.version, entries: list.entries }] };
}

function ownerOf(list: PrefixListRecord, context: OperationContext): string {
  return list.ownedByAws ? 'AWS' : context.account;
}

function view(list: PrefixListRecord, context: OperationContext): ManagedPrefixList {
  return {
    PrefixListId: list.id,
    PrefixListName: list.name,
    PrefixListArn: regionalArn(
      { account: list.ownedByAws ? 'aws' : context.account, region: context.region },
      'ec2',
      `prefix-list/${list.id}`,
    ),
    AddressFamily: list.addressFamily,
    MaxEntries: list.ownedByAws ? undefined : list.maxEntries,
    Version: list.ownedByAws ? undefined : list.version,
    State: stateAt(list.state, context.nowMs),
    OwnerId: ownerOf(list, context),
    Tags: [...list.tags],
  };
}
