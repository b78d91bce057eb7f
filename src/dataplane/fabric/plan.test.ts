/** What differs between two states, and nothing else, is planned. */
import { describe, expect, it } from 'vitest';
import { group, networkInterface, routeTable, rule, sample } from '#test/network/sample-network.ts';
import { compile } from './compile.ts';
import { frameOf, frameReader } from '#dataplane/process/frames.ts';
import { NOTHING } from './kernel-state.ts';
import { isEmptyPlan, planOf } from './plan.ts';
import { clearingScript, linkingScript, namespaceScript } from './script.ts';

const base = compile(sample());
const planTo = (...changes: Parameters<typeof sample>) => planOf(base, compile(sample(...changes)));

describe('a plan', () => {
  it('is empty between like states', () => {
    expect(isEmptyPlan(planOf(base, compile(sample())))).toBe(true);
    expect(isEmptyPlan(planOf(NOTHING, base))).toBe(false);
  });

  it('for a group’s rules is one small transaction', () => {
    const { work, ...links } = planTo(group('sg-open', rule('sgr-1', 'in', { protocol: 6, ports: { from: 443, to: 443 } }, '10.0.0.0/8')));
    expect(work).toMatchObject([{ name: 'router-vpc-a', sysctls: {}, lines: [], lines4: [], lines6: [] }]);
    expect(work[0]?.transactions.map((text) => text.split('\n'))).toEqual([
      [
        'add set inet keiro group_sg-open_in_ports4 { typeof meta l4proto . th dport . ip saddr; flags interval; }',
        'add element inet keiro group_sg-open_in_ports4 { 6 . 443 . 10.0.0.0/8 }',
        'flush chain inet keiro group_sg-open_in',
        'add rule inet keiro group_sg-open_in meta l4proto . th dport . ip saddr @group_sg-open_in_ports4 accept',
        'flush chain inet keiro group_sg-open_out',
      ],
    ]);
    expect(Object.values(links).flat()).toEqual([]);
  });

  it('for an element is that element', () => {
    const open = (block: string) =>
      compile(sample(group('sg-open', rule('sgr-1', 'in', { protocol: -1 }, '10.0.0.0/8'), rule('sgr-2', 'in', { protocol: -1 }, block))));
    expect(planOf(open('192.0.2.0/24'), open('192.0.3.0/24')).work.map(({ transactions }) => transactions)).toEqual([
      [
        'delete element inet keiro group_sg-open_in_blocks4 { 0-255 . 192.0.2.0/24 }\nadd element inet keiro group_sg-open_in_blocks4 { 0-255 . 192.0.3.0/24 }',
      ],
    ]);
  });

  it('larger than the kernel takes at once is in several transactions', () => {
    const many = Array.from({ length: 4_000 }, (_, at) =>
      rule(`sgr-${at}`, 'in', { protocol: 6, ports: { from: at * 2, to: at * 2 } }, '192.0.2.0/24'),
    );
    const [work] = planTo(group('sg-open', ...many)).work;
    expect(work?.transactions.length).toBe(4);
    expect(Math.max(...work!.transactions.map((text) => text.length))).toBeLessThan(100_000); // there is one
  });

  it('for a route is that route', () => {
    const { work } = planTo(routeTable('rtb-dbs', '10.0.0.0/16 local', '2001:db8:a::/56 local', '192.0.2.0/24 eni-web'));
    expect(work).toMatchObject([
      {
        name: 'router-vpc-a',
        transactions: [],
        lines: [expect.stringMatching(/^route replace 192\.0\.2\.0\/24 via 169\.254\.0\.2 dev eni-web onlink table \d+$/)],
      },
    ]);
  });

  it('of an IPv6 route that leads elsewhere takes the old one away first', () => {
    const { work } = planTo(routeTable('rtb-prv', '10.0.0.0/16 local', '2001:db8:a::/56 local', '0.0.0.0/0 nat-a', '::/0 igw-a'));
    expect(work[0]?.lines.map((line) => line.replace(/ table \d+/, ''))).toEqual([
      'route del ::/0 via fe80::2 dev eigw',
      'route replace ::/0 via fe80::2 dev igw',
    ]);
  });

  it('for an interface that goes removes its link by the end that stays, and nothing that went with it', () => {
    const plan = planTo('interface eni-db');
    expect(plan.removedLinks).toMatchObject([{ namespace: 'router-vpc-a', device: 'eni-db' }]);
    expect(plan.removedNamespaces.map(({ name }) => name)).toEqual(['host-eni-db']);
    expect(plan.work.map(({ name, lines }) => [name, lines])).toEqual([['router-vpc-a', []]]);
  });

  it('for another start of a sandbox brings up the other ends of its links too', () => {
    const started = (boot: number) => ({
      ...base,
      namespaces: base.namespaces.map((one) => (one.name === 'host-eni-db' ? { ...one, sandbox: { id: 'i-db', boot } } : one)),
    });
    const { removedNamespaces, newNamespaces, work } = planOf(started(1), started(2));
    expect([removedNamespaces, newNamespaces].map((list) => list.map(({ name }) => name))).toEqual([['host-eni-db'], ['host-eni-db']]);
    const router = work.find(({ name }) => name === 'router-vpc-a');
    expect(router?.lines).toContain('link set dev eni-db up');
    expect(router?.transactions).toEqual([]);
  });

  it('for an address that goes sets what stays again, as the kernel may have dropped it', () => {
    const { work } = planTo(networkInterface('eni-db', 'subnet-dbs', ['2001:db8:a:2::10']));
    const host = work.find(({ name }) => name === 'host-eni-db');
    expect(host?.lines).toContain('address del 10.0.2.10/24 dev eth0');
    expect(host?.lines).toContain('route replace ::/0 via fe80::1 dev eth0');
  });
});

describe('a script', () => {
  it('makes namespaces, then rulesets, then links', () => {
    const plan = planOf(NOTHING, base);
    const script = clearingScript(plan, plan.newNamespaces.map(({ name }) => name)) + linkingScript(plan); // prettier-ignore
    const places = ['netns add router-vpc-a', 'nft -f -', 'link add name eni-adm'].map((words) => script.indexOf(words));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('batches rules by family, and says in which namespace something fails', () => {
    const work = {
      name: 'host-a',
      isSandbox: false,
      sysctls: {},
      transactions: [],
      lines: ['link set lo up'],
      lines4: ['rule add from 10.0.0.1 lookup 101'],
      lines6: [],
    };
    expect(namespaceScript(work).split('\n')).toEqual([
      "ip -n host-a -batch - <<'KEIRO_END' || echo keiro-failed 'host-a'",
      'link set lo up',
      'KEIRO_END',
      "ip -n host-a -4 -batch - <<'KEIRO_END' || echo keiro-failed 'host-a'",
      'rule add from 10.0.0.1 lookup 101',
      'KEIRO_END',
    ]);
  });
});

it('values are read whole, whatever pieces they come in', () => {
  const values: unknown[] = [];
  const read = frameReader((value) => values.push(value));
  const sent = [{ a: 1n }, 'b', Buffer.from('c'), { d: [undefined, 2] }];
  const bytes = Buffer.concat(sent.map(frameOf));
  for (const size of [1, 3, bytes.length]) {
    values.length = 0;
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(values).toEqual(sent);
  }
});

it('what is no frame is refused', () => {
  expect(() => frameReader(() => undefined)(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow(/a frame of \d+ bytes/);
});
