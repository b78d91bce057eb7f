/** What a secure context is made of: a policy, and the certificates of one name. */
import type { SecureContextOptions } from 'node:tls';
import type { BalancerCertificate } from '#model/balancer.ts';
import { tlsPolicy } from '#model/tls-policies.ts';
import { policyOptions } from '#dataplane/balancer/tls/policy-options.ts';

/**
 * Key, certificates and policy: at most one certificate of each kind of key.
 * @throws for a policy that there is not
 */
export function contextOptions(policyName: string, certificates: readonly BalancerCertificate[]): SecureContextOptions {
  const policy = tlsPolicy(policyName);
  if (policy === undefined) throw new Error(`there is no security policy ${policyName}`);
  return {
    ...policyOptions(policy),
    key: certificates.map(({ privateKey }) => privateKey),
    cert: certificates.map(({ chain }) => chain),
  };
}
