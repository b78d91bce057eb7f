/** The real `aws` command against a server. */
import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { awsEnvironment, type KeiroProcess, run } from '#test/cli/keiro-process.ts';

/** AWS_ENDPOINT_URL is known since 2.13 and 1.29 (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html); Debian 12 has 2.9. */
function knowsEndpointVariable(): boolean {
  const version = /aws-cli\/(\d+)\.(\d+)/.exec(spawnSync('aws', ['--version'], { encoding: 'utf8' }).stdout ?? '');
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  return major === 1 ? minor >= 29 : minor >= 13;
}

/** Arguments that old versions of `aws` need to find a server. */
export const endpointArguments = (endpoint: string): string[] => (knowsEndpointVariable() ? [] : ['--endpoint-url', endpoint]);

/** Runs `aws ec2 COMMAND`: it must succeed and have nothing to complain of. What it prints is read as JSON; `{}` when it prints nothing. */
export function awsIn(server: Pick<KeiroProcess, 'endpoint'>, account: string, region: string) {
  const env = awsEnvironment(server, account, region);
  const endpoint = endpointArguments(server.endpoint);
  return async (command: string, ...args: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run('aws', [...endpoint, 'ec2', ...command.split(' '), ...args], { env });
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout === '' ? {} : JSON.parse(stdout);
  };
}

/** A text at a path of an answer, e.g. `Vpc.VpcId`; it must be there. */
export function textAt(answer: unknown, path: string): string {
  let at = answer;
  for (const step of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[step]; // undefined where nothing is
  if (typeof at !== 'string') throw new Error(`there is no ${path} in ${JSON.stringify(answer)}`);
  return at;
}
