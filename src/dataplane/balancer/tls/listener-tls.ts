/** A listener's certificates, as the HTTP engine asks for them. */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { BalancerCertificate, BalancerListener } from '#model/balancer.ts';
import type { ChosenContext, FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { CertificateChoice } from '#dataplane/balancer/tls/certificate-choice.ts';
import { contextOptions } from '#dataplane/balancer/tls/secure-contexts.ts';
import { ticketOptions } from '#dataplane/balancer/tls/tickets.ts';

/** Contexts are made when a name is first asked for. @param secret the load balancer's */
export function listenerTls({ policy, certificates }: NonNullable<BalancerListener['tls']>, secret: Uint8Array): FrontTls {
  const choice = new CertificateChoice(certificates);
  const made = new Map<readonly BalancerCertificate[], SecureContext>();
  const tickets = ticketOptions(secret);
  const standard = choice.for(undefined);
  return {
    contextFor: (name): ChosenContext => {
      const chosen = choice.for(name);
      let context = made.get(chosen);
      if (context === undefined) made.set(chosen, (context = createSecureContext({ ...contextOptions(policy, chosen), ...tickets })));
      return { context, isMatch: chosen !== standard || isNamed(chosen, name), ...(chosen[0] === undefined ? {} : { certificateId: chosen[0].id }) }; // prettier-ignore
    },
  };
}

function isNamed(certificates: readonly BalancerCertificate[], name = ''): boolean {
  const lower = name.toLowerCase();
  return certificates.some(({ names }) => names.includes(lower) || names.includes(`*${lower.slice(lower.indexOf('.'))}`));
}
