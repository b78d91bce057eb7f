import { describe, expect, it } from 'vitest';
import { isClaimTrue, readPublicValue, serverPublicValue, srpVerifier } from '#services/cognito-idp/auth/srp.ts';

const person = { poolId: 'eu-west-1_aBcDeFgHi', username: 'ann', password: 'Correct-Horse-7', salt: '00ff'.repeat(8) };

describe('SRP', () => {
  it('makes another verifier of each other part', () => {
    const verifier = srpVerifier(person);
    expect(srpVerifier({ ...person })).toBe(verifier);
    const others = [{ poolId: 'eu-west-1_aBcDeFgHj' }, { username: 'bob' }, { password: 'x' }, { salt: '01ff'.repeat(8) }];
    for (const other of others) expect(srpVerifier({ ...person, ...other })).not.toBe(verifier);
    // Both sides leave out the Region.
    expect(srpVerifier({ ...person, poolId: 'us-east-1_aBcDeFgHi' })).toBe(verifier);
  });

  it.each([undefined, '', '0', '000', 'g', '-1', '0x1', 'f'.repeat(768), 'f'.repeat(100_000)])('takes no public value %j', (hex) => {
    expect(readPublicValue(hex)).toBeUndefined();
  });

  it('takes others', () => {
    expect(readPublicValue('AbC')).toBe(0xabcn);
    expect(readPublicValue(`00${'7'.repeat(768)}`)).toBe(BigInt(`0x${'7'.repeat(768)}`));
  });

  it('finds no claim true that nobody has signed', () => {
    const verifier = srpVerifier(person);
    const secret = '5'.repeat(64);
    const claim = { ...person, verifier, secret, clientPublic: '2', serverPublic: serverPublicValue(verifier, secret), secretBlock: Buffer.alloc(8), timestamp: '' }; // prettier-ignore
    for (const signature of ['', '!', Buffer.alloc(32).toString('base64')]) expect(isClaimTrue({ ...claim, signature })).toBe(false);
  });
});
