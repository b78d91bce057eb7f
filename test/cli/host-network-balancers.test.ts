/** Network load balancers without packets, and targets that nobody can reach: TCP and TLS are relayed, UDP and instances are refused in words. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ACM } from '@aws-sdk/client-acm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeiro } from '#test/cli/keiro-process.ts';
import { account, addressOf, eventually, hostWorld, type HostWorld, region, shown, statesOf } from '#test/cli/host-balancer-world.ts';

let world: HostWorld;
let balancer: string;
let group: string;

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A target that greets each newcomer before it is asked anything, then says what it is told; gives its port. */
async function openEcho(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('hello\n');
    socket.pipe(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // it listens on a port
}

/** What is answered to `text` and the end of the stream. */
async function exchange(socket: Socket, text: string): Promise<string> {
  let said = '';
  socket.setEncoding('utf8').on('data', (more: string) => (said += more));
  socket.end(text);
  await once(socket, 'close');
  return said;
}

async function makeGroup(name: string, input: object): Promise<string> {
  const { TargetGroups } = await world.elb.createTargetGroup({ Name: name, Protocol: 'TCP', Port: 80, VpcId: world.vpcId, TargetType: 'ip', HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 3, ...input }); // prettier-ignore
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
}

const listen = (port: number, arn: string, input: object = {}) => world.elb.createListener({ LoadBalancerArn: balancer, Protocol: 'TCP', Port: port, DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }], ...input }); // prettier-ignore

beforeAll(async () => {
  world = await hostWorld(await startKeiro());
  const { LoadBalancers } = await world.elb.createLoadBalancer({ Name: 'flows', Type: 'network', Scheme: 'internal', Subnets: world.subnetIds }); // prettier-ignore
  balancer = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  group = await makeGroup('flows', {});
  const port = await openEcho();
  await world.elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1', Port: port }] });
});

describe('a network load balancer', () => {
  it('passes TCP on at its address of the loopback, to a target that speaks first', async () => {
    await listen(5432, group);
    const [host, port] = (await addressOf(world, 'flows', 5432)).split(':');
    expect(host).toBe('127.0.0.1');
    await eventually(() => statesOf(world, group), (states) => expect(Object.values(states)).toEqual(['healthy'])); // prettier-ignore
    expect(await exchange(connect({ port: Number(port), allowHalfOpen: true }), 'and back')).toBe('hello\nand back');
  });

  it('ends TLS, and takes another certificate without a new port', async () => {
    const acm = new ACM({ endpoint: world.server.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'secret' } });
    const certificate = async (DomainName: string): Promise<string> => {
      const { CertificateArn = '' } = await acm.requestCertificate({ DomainName, ValidationMethod: 'DNS' });
      await eventually(async () => (await acm.describeCertificate({ CertificateArn })).Certificate?.Status, (status) => expect(status).toBe('ISSUED')); // prettier-ignore
      return CertificateArn;
    };
    const sealed = { Protocol: 'TLS' as const, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' };
    const { Listeners } = await listen(443, group, { ...sealed, Certificates: [{ CertificateArn: await certificate('one.example.com') }] });
    const address = await addressOf(world, 'flows', 443);
    const open = async () => {
      const socket = connectTls({ port: Number(address.split(':')[1]), servername: 'x.example.com', rejectUnauthorized: false }); // prettier-ignore
      await once(socket, 'secureConnect');
      return socket;
    };
    const before = await open();
    expect(before.getPeerCertificate().subject.CN).toBe('one.example.com');
    await world.elb.modifyListener({ ListenerArn: Listeners?.[0]?.ListenerArn, Certificates: [{ CertificateArn: await certificate('two.example.com') }] }); // prettier-ignore
    await eventually(async () => {
      const socket = await open();
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    }, (name) => expect(name).toBe('two.example.com')); // prettier-ignore
    expect(await addressOf(world, 'flows', 443)).toBe(address);
    expect(await exchange(before, 'as before')).toBe('hello\nas before');
  });

  it('connections outlive their target’s deregistration, unless the group cuts them', async () => {
    const held = async (name: string, listenerPort: number, isCut: string): Promise<Socket> => {
      const arn = await makeGroup(name, {});
      const Targets = [{ Id: '127.0.0.1', Port: await openEcho() }];
      await world.elb.registerTargets({ TargetGroupArn: arn, Targets });
      await world.elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }, { Key: 'deregistration_delay.connection_termination.enabled', Value: isCut }] }); // prettier-ignore
      await listen(listenerPort, arn);
      const socket = connect(Number((await addressOf(world, 'flows', listenerPort)).split(':')[1])).on('error', () => undefined);
      await once(socket, 'data');
      await world.elb.deregisterTargets({ TargetGroupArn: arn, Targets });
      return socket;
    };
    const kept = await held('kept', 1001, 'false');
    const cut = await held('cut', 1002, 'true');
    await once(cut, 'close'); // its delay began after the other's
    kept.write('still here');
    expect(String((await once(kept, 'data'))[0])).toBe('still here');
    kept.destroy();
  });

  it('does not listen for UDP, and the log says why', async () => {
    const udp = await makeGroup('datagrams', { Protocol: 'UDP', HealthCheckProtocol: 'TCP' });
    await listen(53, udp, { Protocol: 'UDP' });
    expect((await shown(world, 'flows')).listeners).toContainEqual({ protocol: 'UDP', port: 53 });
  });
});

describe('targets that the host does not reach', () => {
  it('are unused, and it is said why', async () => {
    const { Instances } = await world.ec2.runInstances({ ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: world.subnetIds[0] }); // prettier-ignore
    const [instance] = Instances ?? [];
    await eventually(async () => (await world.ec2.describeInstances({ InstanceIds: [instance?.InstanceId ?? ''] })).Reservations?.[0]?.Instances?.[0]?.State?.Name, (state) => expect(state).toBe('running')); // prettier-ignore
    const instances = await makeGroup('instances', { TargetType: 'instance' });
    await world.elb.registerTargets({ TargetGroupArn: instances, Targets: [{ Id: instance?.InstanceId }] });
    await world.elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id: instance?.PrivateIpAddress, Port: 99 }] });
    await listen(81, instances);
    for (const arn of [instances, group]) {
      const { TargetHealthDescriptions } = await world.elb.describeTargetHealth({ TargetGroupArn: arn });
      const unused = TargetHealthDescriptions?.filter(({ TargetHealth }) => TargetHealth?.State === 'unused') ?? [];
      expect(unused.map(({ TargetHealth }) => TargetHealth)).toEqual([{ State: 'unused', Reason: 'Target.InvalidState', Description: expect.stringMatching(/no packets move here/) }]); // prettier-ignore
    }
  });

  it('AWS’s rules hold for all others', async () => {
    const register = (Id: string) => world.elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id, AvailabilityZone: 'all' }] });
    await expect(register('8.8.8.8')).rejects.toThrow(/not within the VPC's subnets or a private address range/);
    await expect(register('169.254.169.254')).rejects.toThrow(/not within/);
    const { ended, kill } = world.server;
    await kill('SIGTERM');
    expect((await ended).stderr).toMatch(/listener UDP 53: UDP passes through load balancers only where packets move/);
  });
});
