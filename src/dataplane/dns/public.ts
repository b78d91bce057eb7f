/** What control may ask of names: what a zone's name servers would answer. */
export { answerInZone, type AskedZone, type ZoneQuestion } from '#dataplane/dns/authority/answer-in-zone.ts';
