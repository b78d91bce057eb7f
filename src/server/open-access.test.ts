import { describe, expect, it } from 'vitest';
import { AwsError } from '#protocol/aws-error.ts';
import { openAccess, rootPrincipal } from '#server/open-access.ts';
import { services } from '#server/services.ts';

const request = { method: 'POST', path: '/', query: '', headers: {}, body: Buffer.alloc(0) };
const user = { account: '111122223333', arn: 'arn:aws:iam::111122223333:user/ann', userId: 'AIDAX', accessKeyId: 'AKIAANN' };
const endMs = 1000;

const authenticate = openAccess((id) => {
  if (id === 'AKIAANN') return { principal: user };
  return id === 'ASIAANN' ? { principal: user, expiresAtMs: endMs } : undefined;
}, 'eu-west-1');

function caller(accessKeyId: string | undefined, service = 'ec2', nowMs = endMs - 1) {
  const entry = services.find(({ name }) => name === service);
  if (!entry) throw new Error(`no service ${service}`);
  const credential = accessKeyId === undefined ? undefined : { accessKeyId, date: '20260304', region: 'us-west-2', service };
  return authenticate({ request, credential, entry, nowMs });
}

describe('without signatures', () => {
  it.each([
    ['210987654321', rootPrincipal('210987654321', '210987654321')],
    ['anything', rootPrincipal('123456789012', 'anything')],
    ['AKIAANN', user],
    ['ASIAANN', user],
  ])('%s is taken at its word', (id, principal) => {
    expect(caller(id)).toEqual({ principal, region: 'us-west-2' });
  });

  it('an unsigned request is of the default account and Region', () => {
    expect(caller(undefined)).toEqual({ principal: rootPrincipal('123456789012', ''), region: 'eu-west-1' });
  });

  it.each([
    ['ec2', 'RequestExpired'],
    ['iam', 'ExpiredToken'],
    ['service-quotas', 'ExpiredTokenException'],
  ])('credentials of STS end, as %s says it', (service, code) => {
    expect(() => caller('ASIAANN', service, endMs)).toThrow(AwsError);
    expect(() => caller('ASIAANN', service, endMs)).toThrow(expect.objectContaining({ code }));
  });
});
