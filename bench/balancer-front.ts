/** Keiro's HTTP engine by itself, as a process to be measured: forwards to one target. `PORT TARGET-PORT [CERTIFICATE KEY]` */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createSecureContext } from 'node:tls';
import { openHttpFront } from '#dataplane/balancer/http/front.ts';
import { defaultAttributes, groupOf, listenerAt, TurnRouter } from '#dataplane/balancer/http/front.fixture.ts';

process.on('SIGTERM', () => process.exit());
const [port = '', targetPort = '', certificate, key] = process.argv.slice(2);
const context =
  certificate === undefined || key === undefined
    ? undefined
    : createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });
await openHttpFront({
  listen: { port: Number(port), addresses: ['127.0.0.1'] },
  listener: listenerAt(Number(port), context ? 'HTTPS' : 'HTTP'),
  attributes: defaultAttributes,
  router: new TurnRouter(groupOf([Number(targetPort)])),
  ...(context ? { tls: { contextFor: () => ({ context, isMatch: true }) } } : {}),
  onFault: (error) => console.error(error),
});
