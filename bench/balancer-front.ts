/** Keiro's HTTP engine with its real router, as a process to be measured: every request goes to one target. `PORT TARGET-PORT RULES [CERTIFICATE KEY]` */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createSecureContext } from 'node:tls';
import { openHttpFront } from '#dataplane/balancer/http/front.ts';
import {
  forwardTo,
  makeBalancer,
  makeGroup,
  makeListener,
  makeRule,
  makeTarget,
  ZONE,
} from '#dataplane/balancer/routing/balancer.fixture.ts';
import { NodeRouter } from '#dataplane/balancer/routing/node-router.ts';
import type { BalancerRule, RuleCondition } from '#model/balancer.ts';

process.on('SIGTERM', () => process.exit());
const [port = '', targetPort = '', rules = '0', certificate, key] = process.argv.slice(2);
const groupCount = 50;

const groups = Array.from({ length: groupCount }, (_, at) =>
  makeGroup(`group-${at}`, [makeTarget(`t-${at}`, { address: '127.0.0.1', port: Number(targetPort) })], {
    healthCheck: { isEnabled: false },
  }),
);

/** Of every kind, and none that the load's requests fulfil: they all come to the default rule. */
const kinds: readonly ((at: number) => RuleCondition)[] = [
  (at) => ({ field: 'host-header', patterns: [{ glob: `host-${at}.example.com` }] }),
  (at) => ({ field: 'path-pattern', patterns: [{ glob: `/service-${at}/*` }] }),
  (at) => ({ field: 'http-header', name: 'x-version', patterns: [{ glob: `v${at}` }] }),
  (at) => ({ field: 'query-string', pairs: [{ key: 'tenant', value: `${at}` }] }),
];
const some: BalancerRule[] = Array.from({ length: Number(rules) }, (_, at) =>
  makeRule(forwardTo(`group-${at % groupCount}`), at + 1, (kinds[at % kinds.length] ?? kinds[0]!)(at)),
);
const context =
  certificate === undefined || key === undefined
    ? undefined
    : createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });
const listener = makeListener([...some, makeRule(forwardTo('group-0'))], { port: Number(port), protocol: context ? 'HTTPS' : 'HTTP' });
const balancer = makeBalancer({ listeners: [listener], targetGroups: groups });
const router = new NodeRouter(balancer, { zone: ZONE, health: { stateOf: () => undefined } }).listener(listener.id);
if (router === undefined) throw new Error('the listener was just made');
await openHttpFront({
  listen: { port: Number(port), addresses: ['127.0.0.1'] },
  listener,
  attributes: balancer.attributes,
  router,
  ...(context ? { tls: { contextFor: () => ({ context, isMatch: true }) } } : {}),
  onFault: (error) => console.error(error),
});
