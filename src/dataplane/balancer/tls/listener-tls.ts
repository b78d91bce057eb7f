/** A listener's certificates, as its engine asks for them. */
import { createHash, hkdfSync } from 'node:crypto';
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { Balancer, BalancerCertificate, BalancerListener } from '#model/balancer.ts';
import type { ChosenContext, FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { alpnProtocols } from './alpn.ts';
import { CertificateChoice } from './certificate-choice.ts';
import { contextOptions } from './secure-contexts.ts';

type ListenerCertificates = NonNullable<BalancerListener['tls']>;

/** What OpenSSL seals tickets with: a name, a key and a key of HMAC, 16 bytes each (`ticketKeys` of node:tls). */
const TICKET_KEY_BYTES = 48;
/** Milliseconds in which a client has to finish its handshake. */
const HANDSHAKE_MS = 10_000;

/** Tickets of one worker are good for all, and after each began anew. */
function ticketsOf(secret: string): { readonly ticketKeys: Buffer; readonly sessionIdContext: string } {
  const ticketKeys = Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', 'keiro balancer tickets', TICKET_KEY_BYTES));
  return { ticketKeys, sessionIdContext: createHash('sha256').update(ticketKeys).digest('hex').slice(0, 32) };
}

/** Contexts are made when a name is first asked for. */
export function listenerTls({ policy, certificates }: ListenerCertificates, secret: string): FrontTls {
  const choice = new CertificateChoice(certificates);
  const made = new Map<readonly BalancerCertificate[], SecureContext>();
  const tickets = ticketsOf(secret);
  const standard = choice.for(undefined);
  return {
    contextFor: (name): ChosenContext => {
      const chosen = choice.for(name);
      let context = made.get(chosen);
      if (context === undefined) made.set(chosen, (context = createSecureContext({ ...contextOptions(policy, chosen), ...tickets })));
      return { context, ...(chosen[0] === undefined ? {} : { certificateId: chosen[0].id }), isMatch: chosen !== standard };
    },
  };
}

/** For a server of `node:tls`. */
export function listenerTlsOptions(balancer: Balancer, tls: ListenerCertificates): TlsOptions {
  const front = listenerTls(tls, balancer.secret);
  const protocols = alpnProtocols(balancer, { tls });
  return {
    ...contextOptions(tls.policy, new CertificateChoice(tls.certificates).for(undefined)),
    ...ticketsOf(balancer.secret),
    handshakeTimeout: HANDSHAKE_MS,
    ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
    SNICallback: (name, answer) => {
      try {
        answer(null, front.contextFor(name).context);
      } catch (error) {
        answer(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}
