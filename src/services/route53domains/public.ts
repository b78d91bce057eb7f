/** What others may ask of Route 53 Domains, and tell it. */
export { confirmRegistrant, REGISTRANT_PURPOSE } from '#services/route53domains/registrant.ts';
export {
  isBelowRegisteredDomain,
  isRegistry,
  registeredDomainNames,
  registeredDomainOf,
  touchedDomains,
} from '#services/route53domains/registry.ts';
