/** What HTTPS and TLS listeners have beside others: a security policy, certificates, ALPN. */
import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { DEFAULT_TLS_POLICY, tlsPolicies } from '#model/tls-policies.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { isUsable } from '#services/elbv2/certificates.ts';
import { certificateNotFound, invalidConfiguration, sslPolicyNotFound, unmodelled, validationError } from '#services/elbv2/errors.ts';
import type { ListenerRecord, Protocol } from '#services/elbv2/tables.ts';

type Tls = Pick<ListenerRecord, 'sslPolicy' | 'certificates' | 'alpnPolicy'>;

export interface TlsInput {
  readonly SslPolicy?: string | undefined;
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: { readonly Mode?: string | undefined } | undefined;
}

const alpnPolicies = new Set(['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None']);

export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/**
 * @param before what the listener has, of the same protocol; undefined for a new one, or one that becomes HTTPS or TLS
 * @throws AwsError ValidationError, CertificateNotFound, SSLPolicyNotFound, ALPNPolicyNotFound, InvalidConfigurationRequest
 */
export function tlsOf(context: OperationContext, protocol: Protocol, input: TlsInput, before?: Tls): Tls {
  if (input.MutualAuthentication && (input.MutualAuthentication.Mode ?? 'off') !== 'off') {
    throw unmodelled(`mutual authentication in mode ${input.MutualAuthentication.Mode}`);
  }
  const alpnPolicy = alpnOf(protocol, input.AlpnPolicy) ?? before?.alpnPolicy;
  if (!isTls(protocol)) {
    if (input.Certificates?.length) throw validationError(`A certificate cannot be specified for ${protocol} listeners`);
    if (input.SslPolicy !== undefined) throw validationError(`An SSL policy cannot be specified for ${protocol} listeners`);
    return { certificates: [] };
  }
  const sslPolicy = input.SslPolicy ?? before?.sslPolicy ?? DEFAULT_TLS_POLICY;
  if (!tlsPolicies.some((policy) => policy.name === sslPolicy)) throw sslPolicyNotFound(sslPolicy);
  const certificates = certificatesOf(context, protocol, input.Certificates, before?.certificates ?? []);
  return { sslPolicy, certificates, ...(alpnPolicy === undefined ? {} : { alpnPolicy }) };
}

function certificatesOf(
  context: OperationContext,
  protocol: Protocol,
  given: readonly Certificate[] | undefined,
  before: readonly string[],
): readonly string[] {
  if (!given || given.length === 0) {
    if (before.length === 0) throw validationError(`A certificate must be specified for ${protocol} listeners`);
    return before;
  }
  if (given.length > 1) throw validationError('You must specify exactly one certificate');
  const arn = checkCertificate(context, given[0]);
  return [arn, ...before.slice(1).filter((other) => other !== arn)];
}

/** @throws AwsError ValidationError, CertificateNotFound */
export function checkCertificate(context: OperationContext, certificate: Certificate | undefined): string {
  const { CertificateArn: arn, IsDefault: isDefault } = certificate ?? {};
  if (arn === undefined) throw validationError('A certificate ARN must be specified');
  if (isDefault !== undefined) throw validationError("'IsDefault' cannot be specified for a certificate");
  if (!arn.startsWith('arn:')) throw validationError(`'${arn}' is not a valid certificate ARN`);
  if (!isUsable(context, arn)) throw certificateNotFound(arn);
  return arn;
}

function alpnOf(protocol: Protocol, given: readonly string[] | undefined): string | undefined {
  const [policy, ...more] = given ?? [];
  if (policy === undefined) return undefined;
  if (protocol !== 'TLS') throw invalidConfiguration(`ALPN policies are not supported for ${protocol} listeners`);
  if (more.length > 0) throw validationError('You can specify only one ALPN policy');
  if (!alpnPolicies.has(policy)) throw new AwsError('ALPNPolicyNotFound', `ALPN policy '${policy}' not found`);
  return policy;
}
