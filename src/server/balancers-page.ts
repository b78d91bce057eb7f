/** The load balancers, and where people on this host reach them: what `keiro balancers` shows. */
import type { Balancer } from '#model/balancer.ts';
import { localNameOf } from '#server/virtual-hosts.ts';
import type { Packets } from '#server/packets.ts';
import { balancerIds, balancerOf } from '#services/elbv2/public.ts';
import type { Store } from '#store/store.ts';

export interface ShownBalancer {
  /** Its ARN. */
  readonly arn: string;
  readonly name: string;
  readonly type: Balancer['type'];
  readonly region: string;
  readonly dnsName: string;
  /** The name under `localhost` that leads to its first HTTP or HTTPS listener, at Keiro's own port; absent where none does. */
  readonly localName?: string;
  readonly listeners: readonly ShownListener[];
}

export interface ShownListener {
  readonly protocol: string;
  readonly port: number;
  /** `127.0.0.1:PORT`, where load balancers listen on the host and this one does. */
  readonly address?: string;
}

/** Of all accounts and Regions. */
export async function shownBalancers(
  store: Pick<Store, 'reader'>,
  packets: Pick<Packets, 'observed' | 'hostPort'>,
): Promise<ShownBalancer[]> {
  const isOnHost = packets.observed.balancesOnHost === true;
  const balancers = store
    .reader({ account: '', region: '' })
    .partitions()
    .flatMap((partition) => {
      const reader = store.reader(partition);
      return balancerIds(reader).flatMap((id) => balancerOf(reader, id) ?? []);
    });
  const shown = balancers.map(async (balancer): Promise<ShownBalancer> => {
    const { id: arn, name, type, region, dnsName, isInternetFacing } = balancer;
    const listeners = balancer.listeners.map(async ({ id, protocol, port }): Promise<ShownListener> => {
      const hostPort = isOnHost ? await packets.hostPort(id) : undefined;
      return { protocol, port, ...(hostPort === undefined ? {} : { address: `127.0.0.1:${hostPort}` }) };
    });
    const localName = isOnHost || isInternetFacing ? { localName: localNameOf(balancer) } : {};
    return { arn, name, type, region, dnsName, ...localName, listeners: await Promise.all(listeners) };
  });
  return Promise.all(shown);
}
