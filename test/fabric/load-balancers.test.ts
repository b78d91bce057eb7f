/** Load balancers with real programs: an application load balancer in two zones, from its name to its targets and back. */
import { ACM } from '@aws-sdk/client-acm';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { INTERNET_HOST } from '#dataplane/fabric/public.ts';
import { eventually, fetchFrom, type Shell, SILENCE, useSite } from './site.ts';
import { given, type Host, launch, makeGroup, makeNetwork, makeSubnet, type Network, reach, tcp, who } from './world.ts';

const site = useSite();
let account: string;
let ec2: EC2;
let elb: ElasticLoadBalancingV2;
let network: Network;
let subnets: string[];
let front: string;
let back: string;
let hosts: Host[];

/** On the internet, with its names. */
const online: Shell = (script) => site.keiro(['internet', 'run'], '--', 'sh', '-c', script);

/** Says what came before the first byte of the client's: the PROXY header's signature, command and family, and the source. */
const proxied = `#!/usr/bin/python3
import socketserver
class Said(socketserver.StreamRequestHandler):
    def handle(self):
        head = self.rfile.read(16)
        rest = self.rfile.read(int.from_bytes(head[14:16], 'big'))
        if not rest:
            return
        self.rfile.readline()
        self.wfile.write(f"{head[:12].hex()} {head[12]:02x} {head[13]:02x} {'.'.join(map(str, rest[:4]))}\\n".encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('', 80), Said).serve_forever()
`;

const quick = {
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
} as const;

beforeAll(async () => {
  account = site.freshAccount();
  ec2 = site.client({ account });
  elb = new ElasticLoadBalancingV2(site.access(account));
  network = await makeNetwork(ec2);
  const made = [];
  for (const [at, zone] of ['a', 'b'].entries())
    made.push(await makeSubnet(ec2, network, `10.0.${at}.0/24`, { gateway: network.igw, zone }));
  subnets = made.map(({ id }) => id);
  front = await makeGroup(ec2, network, 'front', [tcp(80), tcp(443), tcp(8080)]);
  back = await makeGroup(ec2, network, 'back', []);
  await ec2.authorizeSecurityGroupIngress({
    GroupId: back,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: front }] }],
  });
  hosts = await Promise.all(subnets.map(async (subnet) => launch(ec2, { subnet, groups: [back], userData: who })));
  await reach(ec2, 'running', ...hosts);
});

async function balancer(name: string, more: Parameters<ElasticLoadBalancingV2['createLoadBalancer']>[0] | object = {}) {
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: name, Subnets: subnets, SecurityGroups: [front], ...more });
  const [made] = LoadBalancers ?? [];
  return { arn: given(made?.LoadBalancerArn), name: given(made?.DNSName) };
}

async function group(name: string, targets: readonly Host[], more: object = {}): Promise<string> {
  const { TargetGroups } = await elb.createTargetGroup({ Name: name, Protocol: 'HTTP', Port: 80, VpcId: network.vpc, ...quick, ...more });
  const arn = given(TargetGroups?.[0]?.TargetGroupArn);
  if (targets.length > 0) await elb.registerTargets({ TargetGroupArn: arn, Targets: targets.map(({ id }) => ({ Id: id })) });
  return arn;
}

const health = async (arn: string): Promise<(string | undefined)[]> => {
  const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn });
  return (TargetHealthDescriptions ?? []).map(({ TargetHealth }) => TargetHealth?.State);
};

const listen = async (arn: string, groupArn: string, more: object = {}): Promise<string> => {
  const made = await elb.createListener({
    LoadBalancerArn: arn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
    ...more,
  });
  return given(made.Listeners?.[0]?.ListenerArn);
};

describe('an application load balancer', () => {
  it('answers under its name from both zones, as its targets do; health is what the checks saw', async () => {
    const lb = await balancer('web');
    const arn = await group('web', hosts);
    await listen(lb.arn, arn);
    await eventually(async () => health(arn), ['healthy', 'healthy']);
    const names = hosts.map(({ address }) => `ip-${address.replaceAll('.', '-')}`);
    const seen = new Set<string>();
    await eventually(async () => {
      seen.add((await fetchFrom(online, `http://${lb.name}/`)).split(' ')[0] ?? '');
      return names.every((name) => seen.has(name));
    }, true);
    const { stdout } = await online(`dig +short ${lb.name} | sort -u | wc -l`);
    expect(stdout.trim()).toBe('2');
  });

  it('a group that forgets the checks makes targets unhealthy', async () => {
    const lb = await balancer('forgotten');
    const closed = await makeGroup(ec2, network, 'closed', [tcp(80, '203.0.113.0/24')]);
    const host = await launch(ec2, { subnet: subnets[0]!, groups: [closed], userData: who });
    await reach(ec2, 'running', host);
    const arn = await group('forgotten', [host]);
    await listen(lb.arn, arn);
    await eventually(async () => health(arn), ['unhealthy']);
    const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn });
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({
      State: 'unhealthy',
      Reason: 'Target.Timeout',
      Description: 'Request timed out',
    });
  });

  it('its own group decides who gets to it', async () => {
    const shut = await makeGroup(ec2, network, 'shut', [tcp(80, '203.0.113.0/24')]);
    const lb = await balancer('shut', { SecurityGroups: [shut] });
    await listen(lb.arn, await group('shut', []));
    expect(await fetchFrom(online, `http://${lb.name}/`, 2)).toBe(SILENCE);
    await elb.setSecurityGroups({ LoadBalancerArn: lb.arn, SecurityGroups: [front] });
    await eventually(async () => (await online(`curl -s -o /dev/null -w '%{http_code}' -m 2 http://${lb.name}/`)).stdout, '503');
  });
});

/** Says how a connection ends on which it never finishes its request. */
const neverDone = `import socket, sys, time
one = socket.create_connection((sys.argv[1], 80), 5)
one.settimeout(0.2)
print("open", flush=True)
for _ in range(100):
    try:
        one.send(b"x")
        if one.recv(1) == b"": sys.exit(print("end", flush=True))
    except socket.timeout: pass
    except OSError as error: sys.exit(print(type(error).__name__, flush=True))
print("kept", flush=True)`;

describe('a network load balancer', () => {
  it('passes flows on with their client’s address, at the Elastic IP of its zone; and back by it', async () => {
    const { AllocationId, PublicIp } = await ec2.allocateAddress({});
    const { LoadBalancers } = await elb.createLoadBalancer({
      Name: 'flows',
      Type: 'network',
      SubnetMappings: [{ SubnetId: subnets[0], AllocationId }],
    });
    const [made] = LoadBalancers ?? [];
    const open = await makeGroup(ec2, network, 'open');
    const [near, far] = await Promise.all(
      [0, 0].map(async (at) => launch(ec2, { subnet: given(subnets[at]), groups: [open], userData: who })),
    );
    await reach(ec2, 'running', near!, far!);
    const arn = await group('flows', [near!, far!], { Protocol: 'TCP', HealthCheckProtocol: 'TCP' });
    await elb.modifyTargetGroupAttributes({
      TargetGroupArn: arn,
      Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }],
    });
    await listen(given(made?.LoadBalancerArn), arn, { Protocol: 'TCP' });
    await eventually(async () => health(arn), ['healthy', 'healthy']);
    expect((await online(`dig +short ${given(made?.DNSName)}`)).stdout.trim()).toBe(PublicIp);
    const { stdout } = await online(`for i in $(seq 40); do curl -sS -m 2 http://${given(PublicIp)}/; done | sort -u`);
    expect(stdout.trim().split('\n')).toEqual(
      [near!, far!].map(({ address }) => `ip-${address.replaceAll('.', '-')} sees ${INTERNET_HOST.ipv4}`).sort(),
    );
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ Filters: [{ Name: 'description', Values: ['ELB net/flows/*'] }] });
    const node = given(NetworkInterfaces?.[0]?.PrivateIpAddress);
    expect(await fetchFrom(site.inside(hosts[1]!.id), `http://${node}/`)).toMatch(new RegExp(` sees ${hosts[1]!.address}$`));
    await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key: 'preserve_client_ip.enabled', Value: 'false' }] });
    await eventually(async () => (await fetchFrom(online, `http://${given(PublicIp)}/`)).replace(/^.* sees /, ''), node);
  });

  it('resets what is under way with a target whose delay is over, where the group says so', async () => {
    const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'cutting', Type: 'network', Subnets: [given(subnets[0])] });
    const [made] = LoadBalancers ?? [];
    const open = await makeGroup(ec2, network, 'cuttable');
    const host = await launch(ec2, { subnet: given(subnets[0]), groups: [open], userData: who });
    await reach(ec2, 'running', host);
    const arn = await group('cutting', [host], { Protocol: 'TCP', HealthCheckProtocol: 'TCP' });
    const termination = [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }, { Key: 'deregistration_delay.connection_termination.enabled', Value: 'true' }, { Key: 'preserve_client_ip.enabled', Value: 'false' }]; // prettier-ignore
    await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: termination });
    await listen(given(made?.LoadBalancerArn), arn, { Protocol: 'TCP' });
    await eventually(async () => health(arn), ['healthy']);
    const address = (await online(`dig +short ${given(made?.DNSName)}`)).stdout.trim();
    const held = await site.holdOutside('python3', '-c', neverDone, address);
    expect(await held.line()).toBe('open');
    await elb.deregisterTargets({ TargetGroupArn: arn, Targets: [{ Id: host.id }] });
    expect(await held.line()).toMatch(/^(?:ConnectionResetError|BrokenPipeError)$/);
  });

  it('TLS ends at its node; a group that wants the PROXY header gets the client’s address by it', async () => {
    const acm = new ACM(site.access(account));
    const { CertificateArn } = await acm.requestCertificate({ DomainName: 'flows.example.com', ValidationMethod: 'DNS' });
    await eventually(async () => (await acm.describeCertificate({ CertificateArn })).Certificate?.Status, 'ISSUED');
    const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'sealed', Type: 'network', Subnets: [given(subnets[0])] });
    const [made] = LoadBalancers ?? [];
    const open = await makeGroup(ec2, network, 'proxied');
    const host = await launch(ec2, { subnet: given(subnets[0]), groups: [open], userData: proxied });
    await reach(ec2, 'running', host);
    const arn = await group('sealed', [host], { Protocol: 'TCP', HealthCheckProtocol: 'TCP' });
    await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key: 'proxy_protocol_v2.enabled', Value: 'true' }] });
    const certificates = { Certificates: [{ CertificateArn }], SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' };
    await listen(given(made?.LoadBalancerArn), arn, { Protocol: 'TLS', Port: 443, ...certificates });
    await eventually(async () => health(arn), ['healthy']);
    const ca = `${site.server().data}/ca.pem`;
    const name = given(made?.DNSName);
    const ask = `curl -sS -m 3 --http0.9 --cacert ${ca} --connect-to flows.example.com:443:${name}:443 https://flows.example.com/`;
    await eventually(async () => (await online(ask)).stdout.trim(), `0d0a0d0a000d0a515549540a 21 11 ${INTERNET_HOST.ipv4}`);
  });
});

describe('access logs', () => {
  it('a line for each request, under AWS’s key', async () => {
    const lb = await balancer('logged');
    const arn = await group('logged', hosts);
    await listen(lb.arn, arn);
    await elb.modifyLoadBalancerAttributes({
      LoadBalancerArn: lb.arn,
      Attributes: [
        { Key: 'access_logs.s3.bucket', Value: 'lines' },
        { Key: 'access_logs.s3.prefix', Value: 'web' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
      ],
    });
    await eventually(async () => health(arn), ['healthy', 'healthy']);
    await eventually(async () => (await fetchFrom(online, `http://${lb.name}/one?two`)).split(' ')[1], 'sees');
    const folder = `${site.server().data}/buckets/lines/web/AWSLogs`;
    const lines = async (): Promise<string> => {
      await elb.modifyLoadBalancerAttributes({ LoadBalancerArn: lb.arn, Attributes: [{ Key: 'access_logs.s3.enabled', Value: 'false' }] });
      return (await site.host('sh', '-c', `find ${folder} -name '*.log.gz' | xargs -r zcat`)).stdout;
    };
    await eventually(lines, expect.stringMatching(/^http \S+Z app\/logged\/[0-9a-f]{16} 198\.18\.0\.10:\d+ 10\.0\.[01]\.\d+:80 [\d.]+ [\d.]+ [\d.]+ 200 200 \d+ \d+ "GET http:\/\/logged-\S+:80\/one\?two HTTP\/1\.1" "curl\//m)); // prettier-ignore
  });
});
