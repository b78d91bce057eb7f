/** AWS's security policies for HTTPS and TLS listeners. */
import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type TlsPolicy, tlsPolicies } from '#model/tls-policies.ts';
import { sslPolicyNotFound } from '#services/elbv2/errors.ts';
import { pageOfList } from '#services/elbv2/pages.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';

export const sslPolicies = {
  DescribeSSLPolicies(_context, input) {
    const names = input.Names ?? [];
    const missing = names.find((name) => !tlsPolicies.some((policy) => policy.name === name));
    if (missing !== undefined) throw sslPolicyNotFound(missing);
    const { LoadBalancerType: type } = input;
    const chosen = tlsPolicies.filter(
      ({ name, loadBalancerTypes }) =>
        (names.length === 0 || names.includes(name)) && (type === undefined || loadBalancerTypes.some((one) => one === type)),
    );
    const { items, nextMarker } = pageOfList(input, chosen, ['ssl-policies', names, type]);
    return { SslPolicies: items.map(policyView), NextMarker: nextMarker };
  },
} satisfies Elbv2Operations;

function policyView({ name, protocols, ciphers, loadBalancerTypes }: TlsPolicy): SslPolicy {
  return {
    Name: name,
    SslProtocols: [...protocols],
    Ciphers: ciphers.map((cipher) => ({ Name: cipher.name, Priority: cipher.priority })),
    SupportedLoadBalancerTypes: [...loadBalancerTypes],
  };
}
