/** The table of AWS services: how a request names each, and the code that is loaded when it first does. */
import type { Service } from '#aws/operation.ts';
import type { Credential } from '#protocol/sigv4.ts';
import type { HttpRequest } from '#protocol/http.ts';
import type { SignatureFamily } from '#protocol/sigv4-refusal.ts';

export interface ServiceEntry {
  /** Name of the model and of the folder. */
  readonly name: string;
  /** The name in a signature's scope and in host names. */
  readonly signingName: string;
  /** Prefix of `X-Amz-Target`, for the JSON protocols. */
  readonly target?: string;
  /** `Version=` of the query protocols, which names a service by itself. */
  readonly version?: string;
  /** Prefix of the actions in IAM policies. */
  readonly actionPrefix: string;
  /** Whose words it refuses callers in. */
  readonly family: SignatureFamily;
  readonly load: () => Promise<Service>;
}

export const services: readonly ServiceEntry[] = [
  {
    name: 'ec2',
    signingName: 'ec2',
    version: '2016-11-15',
    actionPrefix: 'ec2',
    family: 'ec2',
    load: async () => (await import('#services/ec2/service.ts')).ec2,
  },
  {
    name: 'ssm',
    signingName: 'ssm',
    target: 'AmazonSSM',
    actionPrefix: 'ssm',
    family: 'json',
    load: async () => (await import('#services/ssm/service.ts')).ssm,
  },
  {
    name: 'service-quotas',
    signingName: 'servicequotas',
    target: 'ServiceQuotasV20190624',
    actionPrefix: 'servicequotas',
    family: 'json',
    load: async () => (await import('#services/service-quotas/service.ts')).serviceQuotas,
  },
  {
    name: 'iam',
    signingName: 'iam',
    version: '2010-05-08',
    actionPrefix: 'iam',
    family: 'query',
    load: async () => (await import('#services/iam/service.ts')).iam,
  },
  {
    name: 'sts',
    signingName: 'sts',
    version: '2011-06-15',
    actionPrefix: 'sts',
    family: 'query',
    load: async () => (await import('#services/sts/service.ts')).sts,
  },
  {
    name: 'elbv2',
    signingName: 'elasticloadbalancing',
    version: '2015-12-01',
    actionPrefix: 'elasticloadbalancing',
    family: 'query',
    load: async () => (await import('#services/elbv2/service.ts')).elbv2,
  },
  {
    name: 'acm',
    signingName: 'acm',
    target: 'CertificateManager',
    actionPrefix: 'acm',
    family: 'json',
    load: async () => (await import('#services/acm/service.ts')).acm,
  },
  {
    name: 'route53',
    signingName: 'route53',
    actionPrefix: 'route53',
    family: 'query',
    load: async () => (await import('#services/route53/service.ts')).route53,
  },
  {
    name: 'route53domains',
    signingName: 'route53domains',
    target: 'Route53Domains_v20140515',
    actionPrefix: 'route53domains',
    family: 'json',
    load: async () => (await import('#services/route53domains/service.ts')).route53domains,
  },
  {
    name: 'cognito-idp',
    signingName: 'cognito-idp',
    target: 'AWSCognitoIdentityProviderService',
    actionPrefix: 'cognito-idp',
    family: 'json',
    load: async () => (await import('#services/cognito-idp/service.ts')).cognitoIdp,
  },
];

const bySigningName = new Map(services.map((entry) => [entry.signingName, entry]));
const byTarget = new Map(services.flatMap((entry) => (entry.target ? [[entry.target, entry] as const] : [])));
const byVersion = new Map(services.flatMap((entry) => (entry.version ? [[entry.version, entry] as const] : [])));

/** What a request is meant for: an entry of the table, or the name of a service that Keiro does not have. */
export function serviceOf(request: HttpRequest, credential: Credential | undefined): ServiceEntry | string | undefined {
  const scope = credential?.service;
  if (scope) return bySigningName.get(scope) ?? scope;
  const target = request.headers['x-amz-target']?.split('.', 1)[0];
  if (target) return byTarget.get(target) ?? target;
  const host = request.headers['host']?.split('.', 1)[0] ?? '';
  const named = bySigningName.get(host);
  if (named) return named;
  const version = /(?:^|&)Version=([0-9-]{10})(?:&|$)/.exec(request.query || request.body.toString('latin1', 0, 65_536))?.[1];
  return version ? byVersion.get(version) : undefined;
}
