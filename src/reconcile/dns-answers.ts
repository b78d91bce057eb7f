/** What a zone's name servers would answer, out of the records and of what checkers see. */
import type { DnsAnswer, DnsQuestion } from '#aws/context.ts';
import { answerInZone } from '#dataplane/dns/public.ts';
import type { ObservedChecks } from '#reconcile/observed-checks.ts';
import { allHoldings } from '#reconcile/holdings.ts';
import { hostedZoneOf, zoneNameIds, zoneNameOf } from '#services/route53/public.ts';
import type { Store } from '#store/store.ts';

/** "If you don't specify a value, Route 53 uses the IP address of a DNS resolver in the AWS US East (N. Virginia) Region": its place's own address. */
const DEFAULT_RESOLVER = '242.0.0.1';

export function createDnsAnswers(store: Pick<Store, 'reader'>, checks: ObservedChecks): (question: DnsQuestion) => DnsAnswer {
  return ({ zoneId, name, type, resolverIp, clientSubnet }) => {
    for (const partition of store.reader({ account: '', region: '' }).partitions()) {
      const reader = store.reader(partition);
      const zone = hostedZoneOf(reader, zoneId);
      if (zone === undefined) continue;
      const names = [...zoneNameIds(reader)].flatMap((id) => (id.startsWith(`${zoneId} `) ? (zoneNameOf(reader, id) ?? []) : []));
      const balancers = new Map(allHoldings(store, ['balancer']).flatMap((one) => (one.kind === 'balancer' ? [[one.id, one]] : [])));
      const isHealthy = (id: string): boolean | undefined => checks.of(id)?.isHealthy;
      const address = clientSubnet?.address ?? resolverIp ?? DEFAULT_RESOLVER;
      return { ...answerInZone({ zone, names, balancers, isHealthy }, { name, type, address }), protocol: 'UDP' };
    }
    return { nameserver: '', responseCode: 'SERVFAIL', recordData: [], protocol: 'UDP' };
  };
}
