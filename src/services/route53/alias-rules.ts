/** What an alias may target: records of its own zone, and load balancers. */
import type { OperationContext } from '#aws/context.ts';
import { isWithin, shownDomainName } from '#model/domain-name.ts';
import { isBalancerInZone } from '#services/elbv2/public.ts';
import { type Batch, isSame } from '#services/route53/batch.ts';
import { findName } from '#services/route53/lookup.ts';
import type { WantedChange } from '#services/route53/set-input.ts';

export function faultsOfAliases({ tx }: OperationContext, batch: Batch): string[] {
  return batch.left.flatMap((change) => aliasFaults(tx, batch, change));
}

function aliasFaults(tx: OperationContext['tx'], { zone, names }: Batch, { name, set }: WantedChange): string[] {
  const { alias, type } = set;
  if (alias === undefined) return [];
  const tried = `Tried to create an alias that targets ${shownDomainName(alias.name)}, type ${type} in zone ${alias.zoneId}, but`;
  const notFound = `${tried} that target was not found`;
  if (alias.zoneId !== zone.id) {
    const isThere = (type === 'A' || type === 'AAAA') && isBalancerInZone(tx, alias.zoneId, alias.name) === true;
    return isThere ? [] : [notFound];
  }
  if (!isWithin(alias.name, zone.name)) return [`${tried} the alias target name does not lie within the target zone`, notFound];
  const sets = names.get(alias.name) ?? findName(tx, zone.id, alias.name)?.sets ?? [];
  const isItself = (each: (typeof sets)[number]): boolean => alias.name === name && isSame(each, set);
  return sets.some((each) => each.type === type && !isItself(each)) ? [] : [notFound];
}
