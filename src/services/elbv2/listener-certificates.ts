/** The certificates of HTTPS and TLS listeners: the default one, and those that clients' server names choose. */
import { putListener } from '#services/elbv2/certificates.ts';
import { invalidConfiguration, operationNotPermitted, tooMany, validationError } from '#services/elbv2/errors.ts';
import { checkCertificate, isTls } from '#services/elbv2/listener-tls.ts';
import { requireListener, requireLoadBalancer } from '#services/elbv2/lookup.ts';
import { pageOfList } from '#services/elbv2/pages.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { type ListenerRecord, listenerTable } from '#services/elbv2/tables.ts';

export const listenerCertificates = {
  AddListenerCertificates(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    requireTls(listener);
    const given = input.Certificates.map((certificate) => checkCertificate(context, certificate));
    if (given.length === 0) throw validationError('A certificate must be specified');
    const certificates = [...new Set([...listener.certificates, ...given])];
    const balancer = requireLoadBalancer(context, listener.loadBalancerArn);
    const others = context.tx.find(listenerTable, 'loadBalancer', balancer.id).filter((other) => other.id !== listener.id);
    // Default certificates do not count.
    const count = [...others, { certificates }].reduce((total, one) => total + Math.max(0, one.certificates.length - 1), 0);
    if (count > limitOf(context, quotaCodes.certificates[balancer.type])) throw tooMany('Certificates');
    putListener(context, { ...listener, certificates });
    return { Certificates: given.map((arn) => ({ CertificateArn: arn, IsDefault: arn === certificates[0] })) };
  },

  RemoveListenerCertificates(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    const given = new Set(input.Certificates.map(({ CertificateArn: arn }) => arn));
    const [standard] = listener.certificates;
    if (standard !== undefined && given.has(standard)) throw operationNotPermitted(`Default certificate '${standard}' cannot be removed`);
    putListener(context, { ...listener, certificates: listener.certificates.filter((arn) => !given.has(arn)) });
    return {};
  },

  DescribeListenerCertificates(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    const { items, nextMarker } = pageOfList(input, listener.certificates, ['certificates', listener.id]);
    return {
      Certificates: items.map((arn) => ({ CertificateArn: arn, IsDefault: arn === listener.certificates[0] })),
      NextMarker: nextMarker,
    };
  },
} satisfies Elbv2Operations;

function requireTls({ protocol }: ListenerRecord): void {
  if (!isTls(protocol)) throw invalidConfiguration(`A certificate cannot be specified for ${protocol} listeners`);
}
