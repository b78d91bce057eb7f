/** The real `aws` command against a site, from where the site is. */
import { expect } from 'vitest';
import { endpointArguments } from '#test/cli/aws-command.ts';
import { awsEnvironment, run } from '#test/cli/keiro-process.ts';
import { region, type Site } from './site.ts';

/** The account whose names `keiro trace` knows when it is told no other. */
export const account = '123456789012';

/** Runs `aws SERVICE COMMAND`, which must succeed; what it prints is read as JSON. */
export function awsOf(site: Pick<Site, 'server' | 'owner'>, service: 'ec2' | 'elbv2' | 'acm' | 'route53' | 'route53domains' = 'ec2') {
  return async (command: string, ...words: readonly string[]): Promise<unknown> => {
    const { endpoint, pid } = site.server();
    const through = site.owner === 'root-alone' ? ['nsenter', `--net=/proc/${pid}/ns/net`] : [];
    const args = [...endpointArguments(endpoint), service, ...command.split(' '), ...words];
    const { code, stdout, stderr } = await run('aws', args, { through, env: awsEnvironment(site.server(), account, region) });
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout === '' ? {} : JSON.parse(stdout);
  };
}
