/** `keiro trace`: how its ends are named, and what gives no verdict. */
import { CreateTagsCommand, DescribeNetworkInterfacesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { keiro } from '#test/cli/keiro-process.ts';
import { launch, region, traceNetwork, useTraces } from '#test/cli/trace-network.ts';

const { server, world, trace } = useTraces();

describe.concurrent('what gives no verdict', () => {
  /** What is said on standard error, with exit code 2. */
  async function complaint(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await keiro(['trace', ...args, '--data', server().data]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  }
  const noNames = "An end is an id (i-…, eni-…), an address, a Name tag, or 'internet'.";

  it.each<[string, string[], string]>([
    [
      'no such name',
      ['web-9', 'internet', '--port', '1'],
      `keiro: No instance and no network interface of account 123456789012 in ${region} is named 'web-9'. ${noNames}\n`,
    ],
    ['no such instance', ['i-0123456789abcdef0', 'internet', '--port', '1'], 'keiro: There is no i-0123456789abcdef0.\n'],
    ['no such interface', ['internet', 'eni-0123456789abcdef0', '--port', '1'], 'keiro: There is no eni-0123456789abcdef0.\n'],
    ['no such VPC', ['vpc-0123456789abcdef0/10.0.0.1', 'internet', '--port', '1'], 'keiro: There is no vpc-0123456789abcdef0.\n'],
    [
      'no address',
      ['internet', '10.0.0.0/8', '--port', '1'],
      "keiro: '10.0.0.0/8' is neither an address nor a VPC's id with one, as in vpc-…/10.0.0.5.\n",
    ],
    [
      'nobody’s private address',
      ['10.99.0.1', 'internet', '--port', '1'],
      `keiro: No interface of account 123456789012 in ${region} has the address 10.99.0.1.\n`,
    ],
    [
      'nobody’s public address',
      ['198.19.200.1', 'internet', '--port', '1'],
      `keiro: No interface of account 123456789012 in ${region} has the address 198.19.200.1.\n`,
    ],
    ['no port', ['internet', '192.0.2.1'], 'keiro: Say which port: tcp needs a destination port.\n'],
    ['a port for ping', ['internet', '192.0.2.1', '--protocol', 'icmp', '--port', '8'], 'keiro: The protocol icmp has no ports.\n'],
    [
      'no such protocol',
      ['internet', '192.0.2.1', '--protocol', 'tpc'],
      "keiro: 'tpc' is no protocol: it is tcp, udp, icmp, icmpv6 or a number from 0 to 255.\n",
    ],
    [
      'all protocols',
      ['internet', '192.0.2.1', '--protocol=-1'],
      "keiro: '-1' is no protocol: it is tcp, udp, icmp, icmpv6 or a number from 0 to 255.\n",
    ],
    ['two families', ['2001:db8:0:1::9', '192.0.2.1', '--port', '1'], 'keiro: The two ends have no address family in common.\n'],
    ['no IPv6', ['internet', '192.0.2.1', '--port', '1', '--ipv6'], 'keiro: The destination has no IPv6 address.\n'],
    ['a strange account', ['internet', '192.0.2.1', '--port', '1', '--account', 'mine'], 'keiro: An account is 12 digits.\n'],
    [
      'a strange port',
      ['internet', '192.0.2.1', '--port', '70000'],
      "error: option '-p, --port <number>' argument '70000' is invalid. A port is a number from 0 to 65535.\n(add --help to see what 'keiro trace' takes)\n",
    ],
    ['one end', ['internet'], "error: missing required argument 'to'\n(add --help to see what 'keiro trace' takes)\n"],
    [
      'three ends',
      ['internet', 'internet', 'internet'],
      "error: too many arguments for 'trace'. Expected 2 arguments but got 3.\n(add --help to see what 'keiro trace' takes)\n",
    ],
    [
      'an unknown option',
      ['internet', 'internet', '--from', 'x'],
      "error: unknown option '--from'\n(add --help to see what 'keiro trace' takes)\n",
    ],
  ])('%s', async (_, args, message) => {
    expect(await complaint(...args)).toBe(message);
  });

  it('names that several have, and instances that are gone', async () => {
    const { ec2, network, account } = await world();
    const here = ['--port', '1', '--account', account];
    const { vpc, igw: _igw, ...other } = await traceNetwork(ec2);
    expect(await complaint('10.0.0.10', 'internet', ...here)).toBe(
      `keiro: Several interfaces have the address 10.0.0.10: say which by ${[`${network.vpc}/10.0.0.10`, `${vpc}/10.0.0.10`].join(', ')}.\n`,
    );
    expect((await trace(`${vpc}/10.0.0.10`, `${vpc}/10.0.1.10`, ...here)).view.forward[0]?.component).toBe(other.web.eni);
    const twins = [
      await launch(ec2, network.publicSubnet, network.group, '10.0.0.21', 'twin'),
      await launch(ec2, network.publicSubnet, network.group, '10.0.0.22', 'twin'),
    ];
    expect(await complaint('twin', 'internet', ...here)).toBe(
      `keiro: 'twin' is the name of several: ${twins.map(({ id }) => id).join(', ')}. Say which by its id.\n`,
    );
    const [first, second] = twins;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first?.id ?? ''] }));
    expect((await trace('twin', '10.0.0.10', ...here)).view.forward[0]?.component).toBe(second?.eni);
    expect(await complaint(first?.id ?? '', 'internet', ...here)).toBe(`keiro: ${first?.id} is terminated.\n`);
    expect((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces?.length).toBe(5);
  });

  it('no server', async () => {
    const { code, stderr } = await keiro(['trace', 'internet', '192.0.2.1', '--port', '1', '--server-port', '1']);
    expect([code, stderr]).toEqual([
      2,
      "keiro: no Keiro runs at http://127.0.0.1:1. Start one with 'keiro start', or name it with --server-port or --data.\n",
    ]);
  });

  it('is found by KEIRO_PORT, in the account and Region of the environment', async () => {
    const { ec2, network, account } = await world();
    await ec2.send(new CreateTagsCommand({ Resources: [network.app.eni], Tags: [{ Key: 'Name', Value: 'app' }] }));
    const env = { KEIRO_PORT: `${server().port}`, AWS_ACCESS_KEY_ID: account, AWS_DEFAULT_REGION: region };
    const { code, stdout } = await keiro(['trace', 'app', '10.0.0.10', '--port', '443'], { env });
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'tcp 10.0.1.10:49152 → 10.0.0.10:443: delivered']);
  });

  it.each([
    [
      'a parameter too many',
      'from=internet&to=192.0.2.1&port=1&x=1',
      "There is no parameter 'x': there are from, to, port, protocol, source-port, ipv6, account, region.",
    ],
    ['a parameter twice', 'from=internet&from=internet', "The parameter 'from' is given twice."],
    ['no end', 'from=internet&port=1', "The parameter 'to' is missing."],
    ['a strange flag', 'from=internet&to=192.0.2.1&port=1&ipv6=yes', "'ipv6' is true or false."],
  ])('%s on the page', async (_, query, message) => {
    const response = await fetch(`${server().endpoint}/_keiro/trace?${query}`);
    expect([response.status, await response.json()]).toEqual([400, { message }]);
  });
});
