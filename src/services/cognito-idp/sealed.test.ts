import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { open, pack, seal, unpack } from '#services/cognito-idp/sealed.ts';

const secret = randomBytes(32).toString('base64');
const context = { randomBytes };

it('gives back what was sealed, to who knows secret and purpose', () => {
  const packed = pack(seal(context, secret, 'a', { b: 'c' }));
  expect(open(secret, 'a', unpack(packed))).toEqual({ b: 'c' });
  expect(open(secret, 'b', unpack(packed))).toBeUndefined();
  expect(open(randomBytes(32).toString('base64'), 'a', unpack(packed))).toBeUndefined();
});

it('opens nothing that was changed or cut, at any place', () => {
  const packed = pack(seal(context, secret, 'a', { b: 'c' }));
  for (let at = 1; at < packed.length; at += 1) {
    const changed = Buffer.from(packed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect([at, open(secret, 'a', unpack(changed))]).toEqual([at, undefined]);
    expect([at, open(secret, 'a', unpack(packed.subarray(0, at)))]).toEqual([at, undefined]);
  }
});

it('begins with a letter in base64', () => {
  for (let n = 0; n < 300; n += 1) expect(pack(seal(context, secret, 'a', n)).toString('base64url')).toMatch(/^A/);
});
