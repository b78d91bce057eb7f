/** Which load balancers a committed change of a record concerns. */
import { touchedEndpoints } from '#services/ec2/public.ts';
import { touchedCertificate } from '#services/elbv2/certificates.ts';
import { balancersUsing } from '#services/elbv2/lookup.ts';
import {
  type ListenerRecord,
  listenerTable,
  loadBalancerTable,
  type RuleRecord,
  ruleTable,
  targetGroupTable,
  type TargetRecord,
  targetTable,
} from '#services/elbv2/tables.ts';
import type { Change, Reader } from '#store/store.ts';

/**
 * The ARNs of the load balancers that may differ after a change of a record, each once: of this service's records, or
 * of the instances, interfaces and certificates that they use. Costs what it finds.
 * @param reader a view of the change's partition after its commit
 */
export function touchedBalancers(change: Change, reader: Reader): readonly string[] {
  return [...new Set(touched(change, reader))];
}

function touched(change: Change, reader: Reader): readonly string[] {
  const both = [change.before, change.after].filter((record) => record !== undefined);
  switch (change.table) {
    case loadBalancerTable.name:
      return [change.id, ...balancersWithTarget(reader, change.id)];
    case listenerTable.name:
    case ruleTable.name:
      return (both as unknown as readonly (ListenerRecord | RuleRecord)[]).map(({ loadBalancerArn }) => loadBalancerArn); // records of these tables
    case targetGroupTable.name:
      return balancersUsing({ tx: reader }, change.id);
    case targetTable.name:
      return (both as unknown as readonly TargetRecord[]).flatMap(({ groupArn }) => balancersUsing({ tx: reader }, groupArn)); // as above
    default:
      return touchedByOthers(change, reader);
  }
}

function touchedByOthers(change: Change, reader: Reader): readonly string[] {
  const certificate = touchedCertificate(change);
  if (certificate !== undefined) {
    return reader.find(listenerTable, 'certificate', certificate).map(({ loadBalancerArn }) => loadBalancerArn);
  }
  return touchedEndpoints(change, reader).flatMap((id) => {
    const own = reader.find(loadBalancerTable, 'interface', id).map((balancer) => balancer.id);
    return [...own, ...own.flatMap((arn) => balancersWithTarget(reader, arn)), ...balancersWithTarget(reader, id)];
  });
}

function balancersWithTarget(reader: Reader, targetId: string): readonly string[] {
  return reader.find(targetTable, 'target', targetId).flatMap(({ groupArn }) => balancersUsing({ tx: reader }, groupArn));
}
