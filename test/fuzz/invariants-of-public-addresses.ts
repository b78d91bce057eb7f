/** Invariants of public addresses: one pool for all accounts, each address of it with the one holder that it names. */
import { addressTable, networkInterfaceTable, publicAddressTable, publicPoolTable } from '#services/ec2/tables/interfaces.ts';
import type { Reader } from '#store/store.ts';

const poolPartition = { account: 'keiro', region: 'global' } as const;

/** @param records any partition's; all partitions are looked at */
export function* publicAddressViolations(records: Reader): Generator<string> {
  const pool = records.in(poolPartition);
  let held = 0;
  for (const { id, account, region, state } of pool.list(publicAddressTable)) {
    if (state === 'released') continue;
    held += 1;
    const holder = records.in({ account, region });
    const elastic = holder.find(addressTable, 'publicIp', id).length;
    const dynamic = holder.find(networkInterfaceTable, 'publicIp', id).length;
    const [right, wrong] = state === 'elastic' ? [elastic, dynamic] : [dynamic, elastic];
    if (right !== 1 || wrong !== 0) yield `${id} is held as ${state} by ${account}, with ${elastic} Elastic IPs and ${dynamic} interfaces`;
  }
  const counted = pool.get(publicPoolTable, 'pool')?.held ?? 0;
  if (counted !== held) yield `the pool counts ${counted} public addresses, but ${held} are held`;
  yield* holderViolations(records, pool);
}

function* holderViolations(records: Reader, pool: Reader): Generator<string> {
  const { account, region } = records.partition;
  const isOurs = (publicIp: string, state: string): boolean => {
    const entry = pool.get(publicAddressTable, publicIp);
    return entry?.state === state && entry.account === account && entry.region === region;
  };
  const mapped = new Set<string>();
  for (const { id, publicIp, association } of records.list(addressTable)) {
    if (!isOurs(publicIp, 'elastic')) yield `${id}: the pool did not give it ${publicIp}`;
    if (!association) continue;
    const eni = records.get(networkInterfaceTable, association.networkInterfaceId);
    if (!eni) yield `${id} is on ${association.networkInterfaceId}, which is gone`;
    if (!eni?.privateAddresses.some((one) => one.address === association.privateIp))
      yield `${id} is on ${association.privateIp}, which is gone`;
    if (eni?.attachment?.instanceId !== association.instanceId) yield `${id} is on ${association.instanceId}, its interface is not`;
    const key = `${association.networkInterfaceId} ${association.privateIp}`;
    if (mapped.has(key)) yield `${key} has two Elastic IPs`;
    mapped.add(key);
  }
  for (const eni of records.list(networkInterfaceTable)) {
    if (eni.dynamicPublicIp === undefined) continue;
    if (!isOurs(eni.dynamicPublicIp, 'dynamic')) yield `${eni.id}: the pool did not give it ${eni.dynamicPublicIp}`;
    if (mapped.has(`${eni.id} ${eni.privateAddresses[0]?.address}`)) yield `${eni.id} has an Elastic IP and a dynamic address`;
  }
}
