/** AWS's quotas that Keiro enforces, with their default values (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html). */

export interface Quota {
  /** Service code of the Service Quotas API, e.g. `vpc`. */
  readonly service: string;
  /** E.g. `L-F678F1CE`. */
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
}

export const quotas: readonly Quota[] = [
  { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-A4707A72', name: 'Internet gateways per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-407747CB', name: 'Subnets per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-589F43AA', name: 'Route tables per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-93826ACB', name: 'Routes per route table', value: 500, adjustable: true },
  { service: 'vpc', code: 'L-E79EC296', name: 'VPC security groups per Region', value: 2500, adjustable: true },
  { service: 'vpc', code: 'L-0EA8095F', name: 'Inbound or outbound rules per security group', value: 60, adjustable: true },
  { service: 'vpc', code: 'L-2AFB9258', name: 'Security groups per network interface', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-B4A6D682', name: 'Network ACLs per VPC', value: 200, adjustable: true },
  { service: 'vpc', code: 'L-2AEEBF1A', name: 'Rules per network ACL', value: 20, adjustable: true },
  { service: 'vpc', code: 'L-FE5A380F', name: 'NAT gateways per Availability Zone', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-5F53652F', name: 'Elastic IP addresses per public NAT gateway', value: 2, adjustable: true },
  { service: 'vpc', code: 'L-EDF12CB8', name: 'Private IP addresses per NAT gateway', value: 8, adjustable: true },
  { service: 'vpc', code: 'L-A0F0D75C', name: 'Prefix lists per Region', value: 100, adjustable: true },
  { service: 'vpc', code: 'L-45FE3B85', name: 'Egress-only internet gateways per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-DF5E4CA3', name: 'Network interfaces per Region', value: 5000, adjustable: true },
  { service: 'vpc', code: 'L-83CA0A9D', name: 'IPv4 CIDR blocks per VPC', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-085A6257', name: 'IPv6 CIDR blocks per VPC', value: 5, adjustable: true },
  { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs', value: 5, adjustable: true },
];

const values = new Map(quotas.map((quota) => [`${quota.service}/${quota.code}`, quota.value]));

/** The default of a quota that Keiro enforces; a code that is not in the catalogue is a mistake in our own code. */
export function quotaDefault(service: string, code: string): number {
  const value = values.get(`${service}/${code}`);
  if (value === undefined) throw new Error(`quota ${service}/${code} is not in the catalogue`);
  return value;
}
