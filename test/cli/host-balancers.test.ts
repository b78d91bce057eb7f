/** Application load balancers without packets, with the real `aws`, `curl` and `keiro`: on this host, over targets on the loopback address. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ACM } from '@aws-sdk/client-acm';
import { beforeAll, describe, expect, it } from 'vitest';
import { endpointArguments, textAt } from '#test/cli/aws-command.ts';
import { awsEnvironment, keiro, run, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';
import {
  account,
  addressOf,
  atLocalName,
  curl,
  eventually,
  hostPid,
  hostWorld,
  type HostWorld,
  isAlive,
  openTarget,
  region,
  type Seen,
  shown,
  statesOf,
  type WebTarget,
} from '#test/cli/host-balancer-world.ts';

let world: HostWorld;
let targets: [WebTarget, WebTarget];
let balancer: string;
let group: string;
let listener: string;
/** `web-….elb.eu-west-1.localhost` */
let name: string;

const targetOf = ({ port }: WebTarget) => ({ Id: '127.0.0.1', Port: port });

async function aws(command: string, ...args: readonly string[]): Promise<unknown> {
  const env = awsEnvironment(world.server, account, region);
  const { code, stdout, stderr } = await run('aws', [...endpointArguments(world.server.endpoint), ...command.split(' '), ...args], { env });
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
  return stdout === '' ? {} : JSON.parse(stdout);
}

const seenBy = async (path = '/', ...args: readonly string[]): Promise<Seen> => JSON.parse(await curl(...args, ...atLocalName(world, name, path))) as Seen; // prettier-ignore

/** Names of targets that answer so many requests. */
async function answering(times: number, ...args: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (let at = 0; at < times; at++) names.add((await seenBy('/', ...args)).name);
  return [...names].toSorted();
}

beforeAll(async () => {
  world = await hostWorld(await startKeiro());
  targets = [await openTarget('one'), await openTarget('two')];
  const made = await aws('elbv2 create-load-balancer --name web --subnets', ...world.subnetIds);
  balancer = textAt(made, 'LoadBalancers.0.LoadBalancerArn');
  const check =
    '--health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 --unhealthy-threshold-count 2';
  group = textAt(await aws(`elbv2 create-target-group --name web --protocol HTTP --port 80 --target-type ip --vpc-id ${world.vpcId} ${check}`), 'TargetGroups.0.TargetGroupArn'); // prettier-ignore
  await aws(`elbv2 register-targets --target-group-arn ${group} --targets`, ...targets.map(({ port }) => `Id=127.0.0.1,Port=${port}`));
  listener = textAt(await aws(`elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=${group}`), 'Listeners.0.ListenerArn'); // prettier-ignore
  name = (await shown(world, 'web')).localName ?? '';
  await aws(`elbv2 wait target-in-service --target-group-arn ${group}`);
});

describe('an application load balancer', () => {
  it('answers at its local name, at once and from both targets, with AWS’s fields', async () => {
    expect(name).toMatch(/^web-\d+\.elb\.eu-west-1\.localhost$/);
    expect(await answering(6)).toEqual(['one', 'two']);
    const { url, headers } = await seenBy('/path?query');
    expect(url).toBe('/path?query');
    expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-forwarded-port': '80' });
    expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });

  it('keiro balancers says where it is, in words and JSON, and it is there', async () => {
    const address = await addressOf(world, 'web', 80);
    expect(JSON.parse(await curl(`http://${address}/direct`))).toMatchObject({ url: '/direct' });
    const { stdout } = await keiro(['balancers', '--data', world.server.data]);
    expect(stdout).toContain(`here http://${name}:${world.server.port}\n  HTTP 80 at ${address}\n`);
    expect(await curl(...atLocalName(world, `other-1.elb.${region}.localhost`))).toBe(`there is no load balancer other-1 in ${region}\n`);
  });

  it('its rules decide: fixed response, redirect', async () => {
    const rule = (Priority: number, Values: string[], action: object) => world.elb.createRule({ ListenerArn: listener, Priority, Conditions: [{ Field: 'path-pattern', Values }], Actions: [action as never] }); // prettier-ignore
    await rule(1, ['/tea'], { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418', ContentType: 'text/plain', MessageBody: 'short and stout' } }); // prettier-ignore
    await rule(2, ['/old/*'], { Type: 'redirect', RedirectConfig: { Path: '/new/#{path}', StatusCode: 'HTTP_302' } });
    await eventually(() => curl('-w', ' %{http_code}', ...atLocalName(world, name, '/tea')), (said) => expect(said).toBe('short and stout 418')); // prettier-ignore
    expect(await curl('-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', ...atLocalName(world, name, '/old/page'))).toBe(`302 http://${name}:${world.server.port}/new/old/page`); // prettier-ignore
  });

  it('a client sticks to its target by the cookie', async () => {
    const stickiness = (enabled: string) => world.elb.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes: [{ Key: 'stickiness.enabled', Value: enabled }, { Key: 'stickiness.type', Value: 'lb_cookie' }] }); // prettier-ignore
    await stickiness('true');
    const jar = join(temporaryDirectory(), 'jar');
    await eventually(() => curl('-D', '-', '-o', '/dev/null', ...atLocalName(world, name)), (head) => expect(head).toMatch(/^set-cookie: AWSALB=/im)); // prettier-ignore
    await seenBy('/', '-c', jar);
    // curl takes cookies of this name for no other than the name itself.
    expect(await answering(6, '-b', jar, '-c', jar)).toHaveLength(1);
    rmSync(jar);
    await stickiness('false');
    await eventually(() => answering(4), (names) => expect(names).toHaveLength(2)); // prettier-ignore
  });

  it('HTTPS with a certificate of ACM: at its address, and at its local name', async () => {
    const access = { endpoint: world.server.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'secret' } };
    const acm = new ACM(access);
    const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com', ValidationMethod: 'DNS' });
    await eventually(async () => (await acm.describeCertificate({ CertificateArn })).Certificate?.Status, (status) => expect(status).toBe('ISSUED')); // prettier-ignore
    await world.elb.createListener({
      LoadBalancerArn: balancer,
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });
    const ca = join(temporaryDirectory(), 'ca.pem');
    const { stdout } = await keiro(['ca', '--data', world.server.data]);
    execFileSync('tee', [ca], { input: stdout, stdio: ['pipe', 'ignore', 'inherit'] });
    const address = await addressOf(world, 'web', 443);
    const direct = JSON.parse(await curl('--cacert', ca, '--connect-to', `www.example.com:443:${address}`, 'https://www.example.com/secret')) as Seen; // prettier-ignore
    expect(direct.headers).toMatchObject({ host: 'www.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' });
    const certificate = await curl('-k', '-o', '/dev/null', '-v', '--stderr', '-', '-w', '%{http_code} %{http_version}', ...atLocalName(world, name, '/', 'https')); // prettier-ignore
    expect(certificate).toMatch(/subject: CN=www\.example\.com/);
    expect(certificate).toMatch(/200 2$/);
  });

  it('a line for each request, under AWS’s key in the data directory', async () => {
    const logging = (enabled: string) => world.elb.modifyLoadBalancerAttributes({ LoadBalancerArn: balancer, Attributes: [{ Key: 'access_logs.s3.bucket', Value: 'lines' }, { Key: 'access_logs.s3.enabled', Value: enabled }] }); // prettier-ignore
    await logging('true');
    const folder = join(world.server.data, 'buckets', 'lines');
    const files = (): string[] => execFileSync('find', [folder, '-type', 'f'], { encoding: 'utf8' }).split('\n').filter(Boolean);
    await eventually(files, (found) => expect(found).toEqual([expect.stringMatching(/ELBAccessLogTestFile$/)]));
    await seenBy('/logged');
    await logging('false');
    await eventually(
      () => files().filter((file) => file.endsWith('.log.gz')).map((file) => gunzipSync(readFileSync(file)).toString()).join(''), // prettier-ignore
      (text) =>
        expect(text).toMatch(
          /^http \S+Z app\/web\/[0-9a-f]{16} 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ .* 200 200 .* "GET http:\/\/web-\S+\/logged HTTP\/1\.1"/,
        ),
    );
  });

  it('a deregistered target gets no more, one that was killed becomes unhealthy, and one that returns is used again', async () => {
    const [one, two] = targets;
    await world.elb.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }] }); // prettier-ignore
    await world.elb.deregisterTargets({ TargetGroupArn: group, Targets: [targetOf(one)] });
    await eventually(() => answering(4), (names) => expect(names).toEqual(['two'])); // prettier-ignore
    await eventually(() => statesOf(world, group), (states) => expect(states).toEqual({ [two.port]: 'healthy' })); // prettier-ignore
    await world.elb.registerTargets({ TargetGroupArn: group, Targets: [targetOf(one)] });
    await eventually(() => statesOf(world, group), (states) => expect(states).toEqual({ [one.port]: 'healthy', [two.port]: 'healthy' })); // prettier-ignore
    await two.kill();
    await eventually(() => statesOf(world, group), (states) => expect(states).toEqual({ [one.port]: 'healthy', [two.port]: 'unhealthy' })); // prettier-ignore
    expect(await answering(4)).toEqual(['one']);
    const { TargetHealthDescriptions } = await world.elb.describeTargetHealth({ TargetGroupArn: group, Targets: [targetOf(two)] });
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({ State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' }); // prettier-ignore
  });
});

describe('control that is killed', () => {
  it('leaves load balancers at work; the next one takes them up, replaces a killed process, and ends it when it ends', async () => {
    const { server } = world;
    const address = await addressOf(world, 'web', 80);
    const pid = (await hostPid(server.data)) ?? 0;
    await server.kill('SIGKILL');
    expect(JSON.parse(await curl(`http://${address}/`))).toMatchObject({ name: 'one' });
    expect(isAlive(pid)).toBe(true);

    const next = await startKeiro({ data: server.data });
    world = { ...(await hostWorld(next)) };
    await eventually(() => addressOf(world, 'web', 80), (found) => expect(found).toBe(address)); // prettier-ignore
    expect(await hostPid(next.data)).toBe(pid);
    await eventually(() => statesOf(world, group), (states) => expect(new Set(Object.values(states))).toEqual(new Set(['healthy', 'unhealthy']))); // prettier-ignore
    expect((await seenBy()).name).toBe('one');

    process.kill(pid, 'SIGKILL');
    await eventually(() => hostPid(next.data), (found) => expect(found ?? pid).not.toBe(pid)); // prettier-ignore
    await eventually(() => curl(...atLocalName(world, name)), (said) => expect(said).toContain('"one"')); // prettier-ignore
    expect(await addressOf(world, 'web', 80)).toBe(address);

    const last = (await hostPid(next.data)) ?? 0;
    const { code } = await keiro(['stop', '--data', next.data]);
    expect(code).toBe(0);
    await eventually(() => isAlive(last), (found) => expect(found).toBe(false)); // prettier-ignore
    expect(await curl(`http://${address}/`)).toContain('curl failed');
  });
});
