import { expect, test } from 'vitest';
import { randomBytes } from 'node:crypto';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { cidrContainsIp } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import {
  publicPoolBlocks,
  recoverPublicAddress,
  releasePublicAddress,
  takePublicAddress,
} from '#services/ec2/addresses/public-addresses.ts';
import { openStore } from '#store/open.ts';

const contextIn = (account: string, tx: OperationContext['tx']): OperationContext => ({
  account,
  region: 'eu-west-1',
  principal: { account, arn: '', userId: '', accessKeyId: '' },
  requestId: '',
  nowMs: 0,
  tx,
  randomBytes,
  observed: NOTHING_OBSERVED,
  quotasOn: true,
});

test('the pool gives every address once, then none, and comes round', async () => {
  const store = await openStore({ checks: false });
  const partition = { account: '111111111111', region: 'eu-west-1' };
  await store.transact(partition, (tx) => {
    const context = contextIn(partition.account, tx);
    const seen = new Set<string>();
    const capacity = 503 * 254;
    for (let count = 0; count < capacity; count++) seen.add(takePublicAddress(context, 'elastic'));
    expect(seen.size).toBe(capacity);
    const inPool = (ip: string) => publicPoolBlocks.some((block) => cidrContainsIp(block, parseIp(ip)!)); // the pool writes addresses
    expect([...seen].every((ip) => inPool(ip) && !/\.(0|255)$/.test(ip))).toBe(true);
    expect([...seen][0]).toBe('198.18.1.1');
    expect(() => takePublicAddress(context, 'elastic')).toThrow(
      expect.objectContaining({
        code: 'InsufficientAddressCapacity',
        message: 'There are not enough free Elastic IP addresses in the Region to satisfy the request.',
      }),
    );
    releasePublicAddress(context, '198.18.7.7');
    releasePublicAddress(context, '198.18.7.7');
    expect(recoverPublicAddress(contextIn('222222222222', tx), '198.18.7.7')).toBe(false);
    expect(recoverPublicAddress(context, '198.18.7.7')).toBe(true);
    expect(recoverPublicAddress(context, '198.18.7.7')).toBe(false);
    releasePublicAddress(context, '198.19.3.9');
    expect(takePublicAddress(contextIn('222222222222', tx), 'dynamic')).toBe('198.19.3.9');
    expect(recoverPublicAddress(context, '198.19.3.9')).toBe(false);
    expect(() => takePublicAddress(context, 'dynamic')).toThrow(expect.objectContaining({ code: 'InsufficientAddressCapacity' }));
  });
  await store.close();
});
