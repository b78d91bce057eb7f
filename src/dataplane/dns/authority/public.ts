/** What others may use of the authoritative name servers. */
export { openAuthorityServer } from '#dataplane/dns/authority/server.ts';
export type { AuthorityServer, AuthorityServerOptions, ListenerOptions, Role } from '#dataplane/dns/authority/server.ts';
export type { AliasAsker, Seams } from '#dataplane/dns/authority/client.ts';
export { anySource } from '#dataplane/dns/authority/any-source.ts';
export { privateSource } from '#dataplane/dns/authority/private-source.ts';
export type { PrivateSourceOptions } from '#dataplane/dns/authority/private-source.ts';
export { publicNames } from '#dataplane/dns/authority/public-names.ts';
export type { AnswerPublicly, PublicAnswer, PublicAsker } from '#dataplane/dns/authority/public-names.ts';
export type { Fallback } from '#dataplane/dns/authority/responder.ts';
export { topLevelDomains, secondLevelDomains } from '#dataplane/dns/authority/top-level-domains.ts';
export { Zones } from '#dataplane/dns/authority/zones.ts';
export type { ZoneParts } from '#dataplane/dns/authority/zones.ts';
