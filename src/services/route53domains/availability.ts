/** Which names can be had: availability, transferability, suggestions. */
import type { DomainAvailability } from '@aws-sdk/client-route-53-domains';
import type { OperationContext } from '#aws/context.ts';
import { invalidInput } from '#services/route53domains/errors.ts';
import { heldDomain } from '#services/route53domains/lookup.ts';
import { type DomainName, isReserved, readDomainName } from '#services/route53domains/names.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import { tlds } from '#services/route53domains/tlds.ts';

/** "Specify a value between 1 and 50." */
const SUGGESTIONS = 50;
const LABEL_LENGTH = 63;
const first = ['com', 'net', 'org', 'io', 'co', 'info', 'cloud', 'link', 'click', 'xyz'];
const before = ['my', 'the', 'get', 'go'];
const after = ['online', 'app', 'site', 'hub', 'now', 'world', 'cloud', 'team'];

type Asker = Pick<OperationContext, 'tx' | 'nowMs'>;

export const availability = {
  CheckDomainAvailability(context, input) {
    return { Availability: availabilityOf(context, readDomainName(input.DomainName)) };
  },

  CheckDomainTransferability(context, input) {
    const { name } = readDomainName(input.DomainName);
    const holder = heldDomain(context.tx, name, context.nowMs);
    if (holder !== undefined)
      return {
        Transferability: { Transferable: holder.account === context.account ? 'DOMAIN_IN_OWN_ACCOUNT' : 'DOMAIN_IN_ANOTHER_ACCOUNT' },
      };
    // Keiro's internet has one registrar, so whoever wants a name from another finds it with none.
    return { Transferability: { Transferable: 'UNTRANSFERABLE' }, Message: `Domain ${name} is not registered.` };
  },

  GetDomainSuggestions(context, input) {
    const { SuggestionCount: count, OnlyAvailable: isChecked } = input;
    if (count < 1 || count > SUGGESTIONS) throw invalidInput(`SuggestionCount must be between 1 and ${SUGGESTIONS}.`);
    const asked = readDomainName(input.DomainName);
    const found: { DomainName: string; Availability: DomainAvailability }[] = [];
    for (const name of suggestionsFor(asked)) {
      if (found.length >= count) break;
      const Availability = isChecked ? availabilityOf(context, readDomainName(name)) : 'DONT_KNOW';
      if (!isChecked || Availability === 'AVAILABLE') found.push({ DomainName: name, Availability });
    }
    return { SuggestionsList: found };
  },
} satisfies DomainsOperations;

function availabilityOf({ tx, nowMs }: Asker, asked: DomainName): DomainAvailability {
  return heldDomain(tx, asked.name, nowMs) === undefined && !isReserved(asked) ? 'AVAILABLE' : 'UNAVAILABLE';
}

/** The name itself, its label elsewhere, then with words around it: each once, the likely ones first. */
function suggestionsFor({ label, name, tld }: DomainName): ReadonlySet<string> {
  const others = [...first, ...tlds.map((one) => one.name)];
  const words = [...after.map((word) => `${label}-${word}`), ...after.map((word) => label + word), ...before.map((word) => word + label)];
  const fitting = words.filter((word) => word.length <= LABEL_LENGTH);
  return new Set([name, ...fitting.slice(0, 3).map((word) => `${word}.${tld.name}`), ...others.map((one) => `${label}.${one}`), ...fitting.map((word) => `${word}.${tld.name}`)]); // prettier-ignore
}
