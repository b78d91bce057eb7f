/** Walkthrough 3 with the real `aws` command: an application load balancer in two zones, HTTPS with a certificate and a policy, stickiness, draining; nothing is lost on the way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { textAt } from '#test/cli/aws-command.ts';
import { root } from '#test/cli/keiro-process.ts';
import { account, awsOf } from './aws.ts';
import { eventually, type Owner, type Shell, useSite } from './site.ts';
import { given, type Host, launch, makeGroup, makeNetwork, makeSubnet, reach, tcp } from './world.ts';

const web = readFileSync(join(import.meta.dirname, 'web.py'), 'utf8');
const domain = 'www.example.com';

describe.each<Owner>(['root', 'ordinary-user'])('as %s', (owner) => {
  const site = useSite(owner);
  const online: Shell = (script) => site.keiro(['internet', 'run'], '--', 'sh', '-c', script);
  const said = async (script: string): Promise<string> => (await online(script)).stdout.trim();
  let ec2: EC2;
  let elb: ElasticLoadBalancingV2;
  let subnets: string[];
  let hosts: Host[];
  let front: string;
  let balancer: string;
  let group: string;
  let name: string;
  let certificate: string;
  /** The processes of its nodes. */
  const nodes = async (): Promise<string[]> => (await site.outside(`pgrep -f '[b]alancer/main.ts'`)).stdout.split('\n').filter(Boolean);
  const hostName = ({ address }: Host): string => `ip-${address.replaceAll('.', '-')}`;

  beforeAll(async () => {
    ec2 = site.client({ account });
    elb = new ElasticLoadBalancingV2(site.access(account));
    const network = await makeNetwork(ec2);
    const made = [];
    for (const [at, zone] of ['a', 'b'].entries())
      made.push(await makeSubnet(ec2, network, `10.0.${at}.0/24`, { gateway: network.igw, zone }));
    subnets = made.map(({ id }) => id);
    front = await makeGroup(ec2, network, 'front', [tcp(80), tcp(443)]);
    const back = await makeGroup(ec2, network, 'back', [tcp(80)]);
    hosts = await Promise.all(subnets.map(async (subnet) => launch(ec2, { subnet, groups: [back], userData: web })));
    await reach(ec2, 'running', ...hosts);

    const aws = awsOf(site, 'elbv2');
    const acm = awsOf(site, 'acm');
    certificate = textAt(await acm(`request-certificate --domain-name ${domain} --validation-method DNS`), 'CertificateArn');
    const created = await aws(
      `create-load-balancer --name web --scheme internet-facing --subnets ${subnets.join(' ')} --security-groups ${front}`,
    );
    balancer = textAt(created, 'LoadBalancers.0.LoadBalancerArn');
    name = textAt(created, 'LoadBalancers.0.DNSName');
    const groups = await aws(`create-target-group --name web --protocol HTTP --port 80 --vpc-id ${network.vpc} --health-check-path /health --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2`); // prettier-ignore
    group = textAt(groups, 'TargetGroups.0.TargetGroupArn');
    await aws(`register-targets --target-group-arn ${group} --targets`, ...hosts.map(({ id }) => `Id=${id}`));
    await acm(`wait certificate-validated --certificate-arn ${certificate}`);
    await aws(`create-listener --load-balancer-arn ${balancer} --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 --certificates CertificateArn=${certificate} --default-actions Type=forward,TargetGroupArn=${group}`); // prettier-ignore
    await aws(
      `create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=${group}`,
    );
    await aws(`wait target-in-service --target-group-arn ${group}`);
  });

  const curl = (words: string, path = '/'): string =>
    `curl -sS -m 5 --cacert ${site.server().data}/ca.pem --connect-to ${domain}:443:${name}:443 ${words} https://${domain}${path}`;

  it('HTTPS: the certificate is for the name, the policy refuses old protocols, both targets answer', async () => {
    await eventually(() => said(curl('-o /dev/null -w "%{http_code} %{http_version}"')), '200 2');
    const names = await said(`for i in 1 2 3 4 5 6 7 8; do ${curl('--http1.1')} | head -1; done | sort -u`);
    expect(names.split('\n')).toEqual(hosts.map(hostName).sort());
    const headers = await said(curl('--http1.1'));
    expect(headers).toMatch(/^X-Forwarded-For: 198\.18\.0\.10$/im);
    expect(headers).toMatch(/^X-Forwarded-Proto: https$/im);
    expect(headers).toMatch(/^X-Forwarded-Port: 443$/im);
    expect(headers).toMatch(/^X-Amzn-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/im);
    const shake = (option: string) => said(`echo | openssl s_client -connect ${name}:443 -servername ${domain} ${option} -CAfile ${site.server().data}/ca.pem 2>&1 | grep -E "Verify return code|Protocol  *:|^New,|alert" | head -3`); // prettier-ignore
    expect(await shake('-tls1_3')).toMatch(/TLSv1\.3[\s\S]*Verify return code: 0 \(ok\)/);
    expect(await shake('-tls1_2')).toMatch(/TLSv1\.2[\s\S]*Verify return code: 0 \(ok\)/);
    expect(await shake('-tls1_1 -cipher ALL:@SECLEVEL=0')).toMatch(/alert|NONE/);
  });

  it('a body of any size arrives as it was; a WebSocket talks both ways', async () => {
    const sum = await said(`head -c 5000000 /dev/zero | sha256sum | cut -d' ' -f1`);
    expect(await said(`head -c 5000000 /dev/zero | ${curl('--data-binary @- --http1.1')}`)).toBe(`5000000 ${sum}`);
    expect(await said(`head -c 5000000 /dev/zero | ${curl('--data-binary @-')}`)).toBe(`5000000 ${sum}`);
    const script = `const ws = new WebSocket("ws://${name}/ws"); ws.onopen = () => ws.send("hello"); ws.onmessage = ({ data }) => { console.log(data); ws.close(); }; ws.onerror = (e) => console.log("error", e.message);`; // prettier-ignore
    expect(await said(`${root}/node_modules/.bin/node -e '${script}'`)).toBe('hello');
  });

  it('rules: by path, host and header; redirect and fixed response', async () => {
    const { Listeners } = await elb.describeListeners({ LoadBalancerArn: balancer });
    const http = given(Listeners?.find(({ Port }) => Port === 80)?.ListenerArn);
    const rule = (priority: number, condition: object, action: object) => elb.createRule({ ListenerArn: http, Priority: priority, Conditions: [condition], Actions: [action as never] }); // prettier-ignore
    const made = [
      await rule(1, { Field: 'path-pattern', Values: ['/old/*'] }, { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', Path: '/new/#{path}', StatusCode: 'HTTP_301' } }), // prettier-ignore
      await rule(2, { Field: 'host-header', Values: ['*.other.example'] }, { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418', ContentType: 'text/plain', MessageBody: 'short and stout' } }), // prettier-ignore
    ];
    await eventually(() => said(`curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' http://${name}/old/page?q=1`), `301 https://${name}:443/new/old/page?q=1`); // prettier-ignore
    expect(await said(`curl -sS -w ' %{http_code}' -H 'Host: a.other.example' http://${name}/`)).toBe('short and stout 418');
    expect(await said(`curl -sS -o /dev/null -w '%{http_code}' http://${name}/`)).toBe('200');
    for (const { Rules } of made) await elb.deleteRule({ RuleArn: given(Rules?.[0]?.RuleArn) });
  });

  it('stickiness by the load balancer’s cookie', async () => {
    const aws = awsOf(site, 'elbv2');
    await aws(`modify-target-group-attributes --target-group-arn ${group} --attributes Key=stickiness.enabled,Value=true Key=stickiness.type,Value=lb_cookie Key=stickiness.lb_cookie.duration_seconds,Value=60`); // prettier-ignore
    await eventually(() => said(`curl -sS -o /dev/null -D - http://${name}/ | grep -ic '^set-cookie: AWSALB'`), '2');
    const jar = `/tmp/keiro-jar-${process.pid}-${owner}`;
    const answers = await said(
      `rm -f ${jar}; for i in 1 2 3 4 5 6 7 8; do curl -sS -b ${jar} -c ${jar} http://${name}/ | head -1; done; rm -f ${jar}`,
    );
    expect(new Set(answers.split('\n')).size).toBe(1);
    await elb.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes: [{ Key: 'stickiness.enabled', Value: 'false' }] });
  });

  it('on the host it is NAME.elb.REGION.localhost at Keiro’s own port', async () => {
    const [label = '', region = ''] = name.split('.');
    const { port } = new URL(site.server().endpoint);
    const asked = (host: string) => site.host('curl', '-sS', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', '--resolve', `${host}:${port}:127.0.0.1`, `http://${host}:${port}/`); // prettier-ignore
    expect((await asked(`${label}.elb.${region}.localhost`)).stdout).toBe('200');
    expect((await asked(`other-1.elb.${region}.localhost`)).stdout).toBe('404');
  });

  it('nothing is lost: targets that come and go, rules, certificates, processes that end, control that is killed', async () => {
    const load = await site.holdOutside(
      'python3',
      join(import.meta.dirname, 'load.py'),
      given((await said(`dig +short ${name}`)).split('\n')[0]),
      '8',
    );
    expect(await load.line()).toBe('begun');
    const [one, two] = hosts.map(({ id }) => [{ Id: id }]);
    await elb.modifyTargetGroupAttributes({
      TargetGroupArn: group,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }],
    });
    for (const targets of [one, two]) {
      await elb.deregisterTargets({ TargetGroupArn: group, Targets: targets });
      await elb.registerTargets({ TargetGroupArn: group, Targets: targets });
      await eventually(async () => (await elb.describeTargetHealth({ TargetGroupArn: group })).TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State), ['healthy', 'healthy']); // prettier-ignore
    }
    const { Listeners } = await elb.describeListeners({ LoadBalancerArn: balancer });
    for (const { ListenerArn, Port } of Listeners ?? [])
      if (Port === 443) await elb.modifyListener({ ListenerArn, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' });
    for (let times = 0; times < 2; times++) {
      const pids = await nodes();
      await site.outside(`kill -TERM ${pids.join(' ')}`);
      await eventually(async () => (await nodes()).map((pid) => pids.includes(pid)), [false, false]);
    }
    await site.server().kill('SIGKILL');
    await site.restart();
    load.child.stdin?.end();
    const result = JSON.parse(await load.line()) as { asked: number; failed: number; failures: string[] }; // what load.py prints
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(result.asked).toBeGreaterThan(50);
  });
});
