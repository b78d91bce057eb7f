/** The host names that EC2 gives to addresses (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html). */

/** E.g. `ip-10-0-0-4.ec2.internal` in us-east-1, `ip-10-0-0-4.eu-west-1.compute.internal` elsewhere. */
export function privateDnsName(region: string, address: string): string {
  const host = `ip-${address.replaceAll('.', '-')}`;
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`;
}

/** E.g. `i-0123456789abcdef0.eu-west-1.compute.internal`: the name by the resource's id. */
export function resourceDnsName(region: string, id: string): string {
  return region === 'us-east-1' ? `${id}.ec2.internal` : `${id}.${region}.compute.internal`;
}

/** E.g. `ec2-198-18-1-4.compute-1.amazonaws.com` in us-east-1, `ec2-198-18-1-4.eu-west-1.compute.amazonaws.com` elsewhere. */
export function publicDnsName(region: string, address: string): string {
  const host = `ec2-${address.replaceAll('.', '-')}`;
  if (region === 'us-east-1') return `${host}.compute-1.amazonaws.com`;
  return `${host}.${region}.compute.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
