/** The certificates that listeners use: Certificate Manager's, which is told who uses them. */
import type { OperationContext } from '#aws/context.ts';
import type { BalancerCertificate } from '#model/balancer.ts';
import { certificateOf, releaseCertificate, useCertificate } from '#services/acm/public.ts';
import { type ListenerRecord, listenerTable } from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

export { touchedCertificate } from '#services/acm/public.ts';

/** Undefined when there is none that is issued; one that has expired goes on being shown. */
export function findCertificate(reader: Reader, arn: string): BalancerCertificate | undefined {
  const found = certificateOf(reader, arn);
  return found && { id: arn, ...found };
}

/** Whether a listener may begin to use it. */
export function isUsable({ tx, nowMs }: OperationContext, arn: string): boolean {
  return certificateOf(tx, arn, nowMs) !== undefined;
}

/** Writes a listener's record. */
export function putListener(context: OperationContext, listener: ListenerRecord): void {
  const before = context.tx.get(listenerTable, listener.id);
  context.tx.put(listenerTable, listener);
  tellUses(context, listener.loadBalancerArn, [...(before?.certificates ?? []), ...listener.certificates]);
}

/** Removes a listener's record. */
export function dropListener(context: Pick<OperationContext, 'tx'>, listener: ListenerRecord): void {
  context.tx.delete(listenerTable, listener.id);
  tellUses(context, listener.loadBalancerArn, listener.certificates);
}

/** A load balancer uses a certificate while one of its listeners does. */
function tellUses(context: Pick<OperationContext, 'tx'>, balancerArn: string, arns: readonly string[]): void {
  if (arns.length === 0) return;
  const used = new Set(context.tx.find(listenerTable, 'loadBalancer', balancerArn).flatMap(({ certificates }) => certificates));
  for (const arn of new Set(arns)) {
    if (used.has(arn)) useCertificate(context, arn, balancerArn);
    else releaseCertificate(context, arn, balancerArn);
  }
}
