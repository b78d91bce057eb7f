import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Policy, type PolicySet, type ResourcePolicy } from '#services/iam/evaluation.ts';

const context = new Map<string, readonly string[]>();
const request = { action: 'ec2:DeleteVpc', resource: 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1', context };
const account = '123456789012';
const ann = `arn:aws:iam::${account}:user/ann`;

const policyOf = (...statements: readonly object[]): Policy => ({
  name: 'p',
  origin: 'user',
  document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
});
const statement = (Effect: 'Allow' | 'Deny', more: object = {}) => ({ Effect, Action: '*', Resource: '*', ...more });
const allowing = policyOf(statement('Allow'));
const denying = policyOf(statement('Deny'));
const silent = policyOf(statement('Allow', { Action: 's3:*' }));

const decide = (policies: PolicySet, onResource?: ResourcePolicy): string => {
  const { decision, layer } = evaluate(request, policies, onResource);
  return `${decision} by ${layer}`;
};
const trusting = (Principal: object | string, sameAccount = true, effect: 'Allow' | 'Deny' = 'Allow'): ResourcePolicy => ({
  policy: policyOf({ Effect: effect, Principal, Action: '*' }),
  grantee: { account, arns: [ann] },
  sameAccount,
});

describe('policies', () => {
  it.each<readonly [string, PolicySet, string]>([
    ['nothing', { identity: [] }, 'implicitDeny by identity'],
    ['an allow', { identity: [silent, allowing] }, 'allowed by identity'],
    ['a deny beside', { identity: [allowing, denying] }, 'explicitDeny by identity'],
    ['a boundary that allows', { identity: [allowing], boundary: [allowing] }, 'allowed by identity'],
    ['a boundary that is silent', { identity: [allowing], boundary: [silent] }, 'implicitDeny by boundary'],
    ['a boundary alone', { identity: [], boundary: [allowing] }, 'implicitDeny by identity'],
    ['a boundary that denies', { identity: [allowing], boundary: [allowing, denying] }, 'explicitDeny by boundary'],
    ['a boundary that is gone', { identity: [allowing], boundary: [] }, 'implicitDeny by boundary'],
    ['a session policy that is silent', { identity: [allowing], session: [silent] }, 'implicitDeny by session'],
    ['session policies of which one allows', { identity: [allowing], session: [silent, allowing] }, 'allowed by identity'],
    ['no session policy where one is needed', { identity: [allowing], session: [] }, 'implicitDeny by session'],
    ['a session policy alone', { identity: [silent], session: [allowing] }, 'implicitDeny by identity'],
  ])('%s', (_what, policies, expected) => {
    expect(decide(policies)).toBe(expected);
  });

  it.each<readonly [string, ResourcePolicy, readonly Policy[], string]>([
    ['names the caller', trusting({ AWS: ann }), [], 'allowed by resource'],
    ['names anybody', trusting('*'), [], 'allowed by resource'],
    ['names the account, whose policies are silent', trusting({ AWS: account }), [], 'implicitDeny by identity'],
    ['names the account, whose policies allow', trusting({ AWS: `arn:aws:iam::${account}:root` }), [allowing], 'allowed by resource'],
    ['names somebody else', trusting({ AWS: `arn:aws:iam::${account}:user/bob` }), [allowing], 'implicitDeny by resource'],
    ['names another account', trusting({ AWS: '210987654321' }), [allowing], 'implicitDeny by resource'],
    ['names a service', trusting({ Service: 'ec2.amazonaws.com' }), [allowing], 'implicitDeny by resource'],
    ['denies the caller', trusting({ AWS: ann }, true, 'Deny'), [allowing], 'explicitDeny by resource'],
    ['is of another account and names the caller', trusting({ AWS: ann }, false), [], 'implicitDeny by identity'],
    ['is of another account, and both allow', trusting({ AWS: ann }, false), [allowing], 'allowed by resource'],
    ['names the caller, whom its own policies deny', trusting({ AWS: ann }), [denying], 'explicitDeny by identity'],
  ])('a resource whose policy %s', (_what, onResource, identity, expected) => {
    expect(decide({ identity }, onResource)).toBe(expected);
  });

  it('name actions and resources by what they are not, too', () => {
    const notDelete = policyOf({ Effect: 'Allow', NotAction: 'EC2:delete*', Resource: '*' });
    const notHere = policyOf({ Effect: 'Allow', Action: 'ec2:*', NotResource: 'arn:aws:ec2:eu-west-1:*' });
    expect(decide({ identity: [notDelete, notHere] })).toBe('implicitDeny by identity');
    expect(evaluate({ ...request, action: 'ec2:CreateVpc' }, { identity: [notDelete] }).decision).toBe('allowed');
    expect(evaluate({ ...request, resource: 'arn:aws:ec2:eu-north-1:1:vpc/x' }, { identity: [notHere] }).decision).toBe('allowed');
  });

  it('tell which statement decided', () => {
    const policy = policyOf(statement('Allow'), statement('Deny', { Sid: 'Never', Action: 'ec2:Delete*' }));
    expect(evaluate(request, { identity: [allowing, policy] }).matched).toMatchObject([
      { layer: 'identity', policy, statement: { sid: 'Never', number: 2 } },
    ]);
  });

  const effects = fc.array(
    fc.record({
      effect: fc.constantFrom('Allow' as const, 'Deny' as const),
      action: fc.constantFrom('*', 'ec2:*', 's3:*', 'ec2:DeleteVpc'),
    }),
    { maxLength: 4 },
  );
  const policies = effects.map((list) => list.map(({ effect, action }) => policyOf(statement(effect, { Action: action }))));

  it('hold: an applicable deny always wins, more denies never allow, a boundary never adds', () => {
    fc.assert(
      fc.property(policies, policies, policies, (identity, boundary, more) => {
        const { decision } = evaluate(request, { identity });
        const denies = identity.some(({ document }) => /"Deny","Action":"(\*|ec2)/.test(document));
        expect(decision === 'explicitDeny').toBe(denies);
        if (decision !== 'allowed') {
          expect(evaluate(request, { identity, boundary }).decision).not.toBe('allowed');
          expect(evaluate(request, { identity, session: more }).decision).not.toBe('allowed');
          expect(evaluate(request, { identity: [...identity, denying] }).decision).toBe('explicitDeny');
        }
        const both = evaluate(request, { identity, boundary }).decision === 'allowed';
        expect(both).toBe(decision === 'allowed' && evaluate(request, { identity: boundary }).decision === 'allowed');
      }),
    );
  });
});
