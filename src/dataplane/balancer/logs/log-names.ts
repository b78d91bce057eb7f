/** AWS's names for log files (ELB guide, "Access log files"). */

export interface LogPlace {
  /** In the bucket, before AWS's own names; '' for none. */
  readonly prefix: string;
  /** The load balancer's ARN. */
  readonly balancerId: string;
  /** The node's address: names the files of application load balancers. */
  readonly nodeAddress: string;
}

interface ArnParts {
  readonly region: string;
  readonly account: string;
  /** `app/name/id`. */
  readonly elb: string;
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID`, taken apart. */
export function partsOfArn(arn: string): ArnParts {
  const [, , , region = '', account = '', resource = ''] = arn.split(':');
  return { region, account, elb: resource.replace(/^loadbalancer\//, '') };
}

/** The key of a file for the interval that ends then. @param random 8 characters */
export function logKey({ prefix, balancerId, nodeAddress }: LogPlace, endMs: number, random: string): string {
  const { region, account, elb } = partsOfArn(balancerId);
  const end = new Date(endMs).toISOString();
  const endTime = `${end.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
  const node = elb.startsWith('net/') ? '' : `${nodeAddress}_`;
  const name = `${account}_elasticloadbalancing_${region}_${elb.replaceAll('/', '.')}_${endTime}_${node}${random}.log.gz`;
  return [...folders(prefix), 'AWSLogs', account, 'elasticloadbalancing', region, ...end.slice(0, 10).split('-'), name].join('/');
}

/** The file by which AWS tries whether it may write, when logging is switched on. */
export function testFileKey({ prefix, balancerId }: LogPlace): string {
  return [...folders(prefix), 'AWSLogs', partsOfArn(balancerId).account, 'ELBAccessLogTestFile'].join('/');
}

/** A prefix is a key in a bucket, where `..` means nothing: it must not lead out of the folder. */
function folders(prefix: string): readonly string[] {
  return prefix.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
}
