/** A network ACL entry as a caller writes it: checked, and made canonical. */
import type { CreateNetworkAclEntryRequest } from '@aws-sdk/client-ec2';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { canonicalCidr, cidrFamily, formatCidr, parseCidr } from '#model/cidr.ts';
import type { IpFamily } from '#model/ip.ts';
import { ALL_PROTOCOLS, hasPorts, ICMP, ICMPV6 } from '#model/protocol-number.ts';
import { invalidRuleNumber, noCidr, notACidr, unknownProtocol } from '#services/ec2/network-acls/network-acl-errors.ts';
import type { NetworkAclEntryRecord } from '#services/ec2/tables/firewalls.ts';

export type EntryInput = Omit<CreateNetworkAclEntryRequest, 'NetworkAclId' | 'DryRun'>;

/** The highest rule number of callers; AWS keeps 32767 and above for itself. */
const lastRuleNumber = 32_766;
const lastPort = 65_535;
const lastIcmp = 255;

/**
 * Reads the entry of a create or replace call.
 * @throws AwsError InvalidParameterValue, MissingParameter, InvalidParameterCombination
 */
export function readEntry(input: EntryInput): NetworkAclEntryRecord {
  const ruleNumber = input.RuleNumber ?? 0;
  if (ruleNumber < 1 || ruleNumber > lastRuleNumber) throw invalidRuleNumber(ruleNumber);
  const protocol = readProtocol(input.Protocol ?? '');
  const block = readBlock(input);
  return {
    ruleNumber,
    egress: input.Egress ?? false,
    protocol: String(protocol),
    ruleAction: input.RuleAction ?? 'deny',
    ...block,
    ...readRange(input, protocol, block.ipv6CidrBlock !== undefined),
  };
}

/** A number: unlike security groups, ACLs know no names of protocols. */
function readProtocol(text: string): number {
  const number = /^(?:-1|0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= ALL_PROTOCOLS && number <= 255)) throw unknownProtocol(text);
  return number;
}

function readBlock({ CidrBlock, Ipv6CidrBlock }: EntryInput): Pick<NetworkAclEntryRecord, 'cidrBlock' | 'ipv6CidrBlock'> {
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined) {
    throw invalidParameterCombination("Only one of 'cidrBlock' and 'ipv6CidrBlock' can be provided.");
  }
  if (CidrBlock !== undefined) return { cidrBlock: readCidr(CidrBlock, 4, 'cidrBlock') };
  if (Ipv6CidrBlock !== undefined) return { ipv6CidrBlock: readCidr(Ipv6CidrBlock, 6, 'ipv6CidrBlock') };
  throw noCidr();
}

/** AWS clears host bits: `100.68.0.18/18` becomes `100.68.0.0/18`. */
function readCidr(text: string, family: IpFamily, parameter: string): string {
  const cidr = parseCidr(text);
  if (!cidr || cidrFamily(cidr) !== family) throw notACidr(text, parameter);
  return formatCidr(canonicalCidr(cidr));
}

/** Ports are kept for TCP and UDP, type and code for ICMP, and for ICMPv6 with an IPv6 block; all else is about all traffic of its protocol. */
function readRange(input: EntryInput, protocol: number, isIpv6: boolean): Pick<NetworkAclEntryRecord, 'portRange' | 'icmp'> {
  if (hasPorts(protocol)) return { portRange: readPorts(input.PortRange) };
  if (protocol === ICMP || (protocol === ICMPV6 && isIpv6)) return { icmp: readIcmp(input.IcmpTypeCode) };
  return {};
}

function readPorts(range: EntryInput['PortRange']): { from: number; to: number } {
  const { From: from, To: to } = range ?? {};
  if (from === undefined) throw missingParameter('portRange.from');
  if (to === undefined) throw missingParameter('portRange.to');
  for (const port of [from, to]) {
    if (port < 0 || port > lastPort) throw invalidParameterValue(`TCP/UDP port (${port}) out of range`);
  }
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { from, to };
}

function readIcmp(typeAndCode: EntryInput['IcmpTypeCode']): { type: number; code: number } {
  const { Type: type, Code: code } = typeAndCode ?? {};
  if (type === undefined) throw missingParameter('icmpTypeCode.type');
  if (code === undefined) throw missingParameter('icmpTypeCode.code');
  if (type < -1 || type > lastIcmp) throw invalidParameterValue(`ICMP type (${type}) out of range`);
  if (code < -1 || code > lastIcmp) throw invalidParameterValue(`ICMP code (${code}) out of range`);
  return { type, code };
}
