/** EC2 requests as bytes: the same ones go to Keiro and to its peer. */

/** One call of the EC2 query API as a whole HTTP request. The signature is of the right shape and checked by neither side. */
export function ec2Request(port: number, region: string, parameters: Readonly<Record<string, string>>): string {
  const body = new URLSearchParams({ ...parameters, Version: '2016-11-15' }).toString();
  return [
    'POST / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
    'User-Agent: keiro-bench',
    'X-Amz-Date: 20260101T000000Z',
    `Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/${region}/ec2/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export const createVpc = (port: number, region: string): string =>
  ec2Request(port, region, { Action: 'CreateVpc', CidrBlock: '10.0.0.0/16' });
export const describeVpcs = (port: number, region: string): string => ec2Request(port, region, { Action: 'DescribeVpcs' });
export const describeVpc = (port: number, region: string, id: string): string =>
  ec2Request(port, region, { Action: 'DescribeVpcs', 'VpcId.1': id });
/** A filter that no VPC fits. */
export const filterVpcs = (port: number, region: string): string =>
  ec2Request(port, region, { Action: 'DescribeVpcs', 'Filter.1.Name': 'cidr', 'Filter.1.Value.1': '10.99.0.0/16' });
