import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { accessKeyId, accountOfAccessKeyId, secretAccessKey, uniqueId } from '#services/iam/ids.ts';

const context = { randomBytes };

it('an access key id tells its account', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999n }), fc.constantFrom('AKIA' as const, 'ASIA' as const), (number, prefix) => {
      const account = number.toString().padStart(12, '0');
      const id = accessKeyId(context, account, prefix);
      expect(id).toMatch(new RegExp(`^${prefix}[A-Z2-7]{16}$`));
      expect(accountOfAccessKeyId(id)).toBe(account);
    }),
  );
});

it('ids of another form tell none', () => {
  for (const id of ['', 'AKIA', 'AIDAAAAAAAAAAAAAAAAA', 'AKIA1111111111111111', '123456789012'])
    expect(accountOfAccessKeyId(id)).toBeUndefined();
});

it('a published id is of its published account', () => {
  // "A short note on AWS KEY ID" (Tal Be'ery, 2023).
  expect(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
});

it('secrets and unique ids have the length of AWS’s', () => {
  expect(secretAccessKey(context)).toHaveLength(40);
  expect(uniqueId(context, 'AROA')).toMatch(/^AROA[A-Z2-7]{17}$/);
});
