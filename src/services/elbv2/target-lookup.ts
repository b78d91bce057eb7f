/** The targets of a group, and where each is. */
import { cidrContainsIp, parseCidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { findInstance, findInterface, subnetsOf } from '#services/ec2/public.ts';
import { loadBalancerTable, type TargetGroupRecord, type TargetRecord, targetTable } from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

/** Those that are registered or drain. */
export function targetsOf(reader: Reader, groupArn: string, nowMs: number): readonly TargetRecord[] {
  return reader.find(targetTable, 'group', groupArn).filter((target) => !isOver(target, nowMs));
}

/** Whether it has drained, and is no target any more. */
export function isOver({ drainsUntilMs }: TargetRecord, nowMs: number): boolean {
  return drainsUntilMs !== undefined && drainsUntilMs <= nowMs;
}

export interface Place {
  readonly address: string;
  /** `all` for an address outside of the VPC that nodes of every zone use. */
  readonly zone: string;
  /** In none of the VPC's subnets. */
  readonly isOutside?: true;
}

/** Where a target is reached: a load balancer at each of its nodes; nowhere when it does not run, or is gone. */
export function placesOf(reader: Reader, group: TargetGroupRecord, { targetId, zone }: TargetRecord): readonly Place[] {
  switch (group.targetType) {
    case 'instance': {
      const instance = findInstance(reader, targetId);
      const address = group.ipAddressType === 'ipv6' ? instance?.ipv6 : instance?.ipv4;
      return instance?.state === 'running' && address !== undefined ? [{ address, zone: instance.zone }] : [];
    }
    case 'ip': {
      const own = zoneOfAddress(reader, group.vpcId, targetId);
      return [{ address: targetId, ...(own === undefined ? { zone: zone ?? 'all', isOutside: true as const } : { zone: own }) }];
    }
    case 'alb': {
      const nodes = reader.get(loadBalancerTable, targetId)?.nodes ?? [];
      return nodes.flatMap((node) => {
        const address = findInterface(reader, node.interfaceId)?.addresses[0];
        return address === undefined ? [] : [{ address, zone: node.zone }];
      });
    }
  }
}

/** The zone of the VPC's subnet that the address lies in. */
export function zoneOfAddress(reader: Reader, vpcId: string, address: string): string | undefined {
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const subnet = subnetsOf(reader, vpcId).find(({ cidrs }) =>
    cidrs.some((text) => {
      const cidr = parseCidr(text);
      return cidr !== undefined && cidrContainsIp(cidr, ip);
    }),
  );
  return subnet?.zone;
}
