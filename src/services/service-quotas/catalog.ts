/** AWS's quotas that Keiro enforces, with their default values (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html). */

export interface Quota {
  /** Service code of the Service Quotas API, e.g. `vpc`. */
  readonly service: string;
  /** E.g. `L-F678F1CE`; for a quota that the Service Quotas API does not know, a name of ours. */
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
  /** What an account has before any request, where AWS gives ordinary accounts more than the default. */
  readonly applied?: number;
  /** The highest value that AWS grants, where it says so. */
  readonly max?: number;
  /** Codes of quotas that AWS raises by the same amount with this one. */
  readonly raises?: readonly string[];
  /** False where AWS has the quota, but not in the Service Quotas API. */
  readonly listed?: false;
}

/** AWS's names of the services in the catalogue. Quotas of global ones live in us-east-1 and hold everywhere. */
export const quotaServices: Readonly<Record<string, { readonly name: string; readonly global?: true }>> = {
  acm: { name: 'AWS Certificate Manager (ACM)' },
  ec2: { name: 'Amazon Elastic Compute Cloud (Amazon EC2)' },
  elasticloadbalancing: { name: 'Elastic Load Balancing (ELB)' },
  iam: { name: 'AWS Identity and Access Management (IAM)', global: true },
  vpc: { name: 'Amazon Virtual Private Cloud (Amazon VPC)' },
};

export const quotas: readonly Quota[] = [
  { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region', value: 5, adjustable: true, raises: ['L-A4707A72', 'L-45FE3B85'] },
  { service: 'vpc', code: 'L-A4707A72', name: 'Internet gateways per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-407747CB', name: 'Subnets per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-589F43AA', name: 'Route tables per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-93826ACB', name: 'Routes per route table', value: 500, adjustable: true, max: 1000 },
  { service: 'vpc', code: 'L-E79EC296', name: 'VPC security groups per Region', value: 2500, adjustable: true },
  { service: 'vpc', code: 'L-0EA8095F', name: 'Inbound or outbound rules per security group', value: 60, adjustable: true },
  { service: 'vpc', code: 'L-2AFB9258', name: 'Security groups per network interface', value: 5, adjustable: true, max: 16 },
  { service: 'vpc', code: 'L-B4A6D682', name: 'Network ACLs per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-2AEEBF1A', name: 'Rules per network ACL', value: 20, adjustable: true, max: 40 },
  { service: 'vpc', code: 'L-FE5A380F', name: 'NAT gateways per Availability Zone', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-5F53652F', name: 'Elastic IP address quota per NAT gateway', value: 2, adjustable: true, max: 8 },
  { service: 'vpc', code: 'L-DFA99DE7', name: 'Private IP address quota per NAT gateway', value: 8, adjustable: true },
  // "You cannot request an increase using the Service Quotas console": these have no code.
  { service: 'vpc', code: 'prefix-lists', name: 'Prefix lists per Region', value: 100, adjustable: true, listed: false },
  { service: 'vpc', code: 'L-45FE3B85', name: 'Egress-only internet gateways per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-DF5E4CA3', name: 'Network interfaces per Region', value: 5000, adjustable: true },
  { service: 'vpc', code: 'L-83CA0A9D', name: 'IPv4 CIDR blocks per VPC', value: 5, adjustable: true, max: 50 },
  { service: 'vpc', code: 'L-085A6257', name: 'IPv6 CIDR blocks per VPC', value: 5, adjustable: true, max: 50 },
  { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs', value: 5, adjustable: true },
  {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    value: 5,
    // AWS sets it per account, without requests: 16, 32, 64, 640 are seen; new accounts mostly have 32.
    applied: 32,
    adjustable: true,
  },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html, and …/network/…
  { service: 'elasticloadbalancing', code: 'L-53DA6B97', name: 'Application Load Balancers per Region', value: 50, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-69A177A2', name: 'Network Load Balancers per Region', value: 50, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-B6DF7632', name: 'Listeners per Application Load Balancer', value: 50, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-57A373D6', name: 'Listeners per Network Load Balancer', value: 50, adjustable: false },
  { service: 'elasticloadbalancing', code: 'L-9365A611', name: 'Certificates per Application Load Balancer', value: 25, adjustable: true },
  {
    service: 'elasticloadbalancing',
    code: 'certificates-per-network-load-balancer',
    name: 'Certificates per Network Load Balancer',
    value: 25,
    adjustable: true,
    listed: false,
  },
  { service: 'elasticloadbalancing', code: 'L-7EED9B64', name: 'Rules per Application Load Balancer', value: 100, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-B22855CB', name: 'Target Groups per Region', value: 3000, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-A0D0B863', name: 'Targets per Target Group per Region', value: 1000, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-7E6692B2', name: 'Targets per Application Load Balancer', value: 1000, adjustable: true },
  { service: 'elasticloadbalancing', code: 'L-EEF1AD04', name: 'Targets per Network Load Balancer', value: 3000, adjustable: true },
  // https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
  { service: 'acm', code: 'L-F141DD1D', name: 'ACM certificates', value: 2500, adjustable: true },
  { service: 'acm', code: 'L-DA1D8B98', name: 'ACM certificates created in last 365 days', value: 5000, adjustable: true },
  { service: 'acm', code: 'L-D2CB7DE9', name: 'Imported certificates', value: 2500, adjustable: true },
  { service: 'acm', code: 'L-3808DC70', name: 'Imported certificates in last 365 days', value: 5000, adjustable: true },
  { service: 'acm', code: 'L-FB94F0B0', name: 'Domain names per ACM certificate', value: 10, adjustable: true, max: 100 },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  { service: 'iam', code: 'L-F55AF5E4', name: 'Users per account', value: 5000, adjustable: false },
  { service: 'iam', code: 'L-F4A5425F', name: 'Groups per account', value: 300, adjustable: true, max: 500 },
  { service: 'iam', code: 'L-FE177D64', name: 'Roles per account', value: 1000, adjustable: true, max: 10_000 },
  { service: 'iam', code: 'L-E95E4862', name: 'Customer managed policies per account', value: 1500, adjustable: true, max: 10_000 },
  { service: 'iam', code: 'L-6E65F664', name: 'Instance profiles per account', value: 1000, adjustable: true, max: 10_000 },
  { service: 'iam', code: 'L-0DA4ABF3', name: 'Managed policies per role', value: 20, adjustable: true, max: 25 },
  { service: 'iam', code: 'L-4019AD8B', name: 'Managed policies per user', value: 10, adjustable: true, max: 20 },
  { service: 'iam', code: 'L-384571C4', name: 'Managed policies per group', value: 10, adjustable: false },
  { service: 'iam', code: 'L-C07B4B0D', name: 'Role trust policy length', value: 2048, adjustable: true, max: 8192 },
];

const byCode = new Map(quotas.map((quota) => [`${quota.service}/${quota.code}`, quota]));

/** A quota that Keiro enforces; undefined for others. */
export function findQuota(service: string, code: string): Quota | undefined {
  return byCode.get(`${service}/${code}`);
}

/** What an account starts with of a quota that Keiro enforces; a code that is not in the catalogue is a mistake in our own code. */
export function quotaAtStart(service: string, code: string): number {
  const quota = findQuota(service, code);
  if (quota === undefined) throw new Error(`quota ${service}/${code} is not in the catalogue`);
  return quota.applied ?? quota.value;
}
