/** TestDNSAnswer: what a zone's name servers would say. */
import type { DnsQuestion } from '#aws/context.ts';
import { readDomainName, shownDomainName } from '#model/domain-name.ts';
import { isIpv4, parseIp } from '#model/ip.ts';
import { invalidInput, unmodelled } from '#services/route53/errors.ts';
import { requireZone } from '#services/route53/lookup.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { isPrivate } from '#services/route53/tables.ts';

export const dnsAnswers = {
  TestDNSAnswer(context, input) {
    const zone = requireZone(context, input.HostedZoneId);
    // "This call only supports querying public hosted zones."
    if (isPrivate(zone)) throw invalidInput(`The hosted zone ${zone.id} is a private hosted zone.`);
    const read = readDomainName(input.RecordName);
    if ('fault' in read) throw invalidInput(`FATAL problem: ${read.fault}`);
    if (context.observed.dnsAnswer === undefined) throw unmodelled('TestDNSAnswer where no name servers run');
    const resolverIp = input.ResolverIP ? { resolverIp: checkAddress(input.ResolverIP).address } : {};
    const subnet = subnetOf(input.EDNS0ClientSubnetIP, input.EDNS0ClientSubnetMask);
    const answer = context.observed.dnsAnswer({ zoneId: zone.id, name: read.name, type: input.RecordType, ...resolverIp, ...subnet });
    return {
      Nameserver: answer.nameserver,
      RecordName: shownDomainName(read.name),
      RecordType: input.RecordType,
      RecordData: [...answer.recordData],
      ResponseCode: answer.responseCode,
      Protocol: answer.protocol,
    };
  },
} satisfies Route53Operations;

function checkAddress(text: string): { readonly address: string; readonly isV4: boolean } {
  const ip = parseIp(text);
  if (ip === undefined) throw invalidInput(`'${text}' is not a valid IP address.`);
  return { address: text, isV4: isIpv4(ip) };
}

/** "The default value is 24 bits for IPv4 addresses and 64 bits for IPv6 addresses." */
function subnetOf(ip: string | undefined, mask: string | undefined): Pick<DnsQuestion, 'clientSubnet'> {
  if (!ip) {
    if (mask) throw invalidInput('You cannot specify edns0clientsubnetmask without edns0clientsubnetip.');
    return {};
  }
  const { address, isV4 } = checkAddress(ip);
  const bits = mask ? Number(mask) : isV4 ? 24 : 64;
  const most = isV4 ? 32 : 128;
  if (!Number.isInteger(bits) || bits < 0 || bits > most)
    throw invalidInput(`The subnet mask must be between 0 and ${most}, but was ${mask}.`);
  return { clientSubnet: { address, bits } };
}
