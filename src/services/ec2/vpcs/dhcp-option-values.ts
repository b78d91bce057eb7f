/** The options that a DHCP option set may have, and their values (https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html). */
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { ipFamily, parseIp } from '#model/ip.ts';
import type { DhcpOptionsRecord } from '#services/ec2/tables/vpcs.ts';

interface ConfigurationInput {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** Why values are wrong, in words; undefined when they are right. */
type Check = (values: readonly string[]) => string | undefined;

export const amazonProvidedDns = 'AmazonProvidedDNS';
const serversPerFamily = 4;
/** Seconds. */
const shortestLease = 140;
const longestLease = 2_147_483_647;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['domain-name', oneOf(isDomainNames, 'a domain name')],
  ['domain-name-servers', servers({ ipv6: true, amazon: true })],
  ['ntp-servers', servers({ ipv6: true })],
  ['netbios-name-servers', servers({})],
  ['netbios-node-type', oneOf((value) => ['1', '2', '4', '8'].includes(value), '1, 2, 4 or 8')],
  ['ipv6-address-preferred-lease-time', oneOf(isLease, `a number of seconds, ${shortestLease} to ${longestLease}`)],
]);

/**
 * Checked options, comma-separated values taken apart.
 * @throws AwsError MissingParameter without options, InvalidParameterValue for an unknown or repeated option or a wrong value.
 */
export function readDhcpConfigurations(given: readonly ConfigurationInput[]): DhcpOptionsRecord['configurations'] {
  if (given.length === 0) throw missingParameter('dhcpConfiguration');
  const found = new Map<string, readonly string[]>();
  for (const { Key: key = '', Values } of given) {
    const check = checks.get(key);
    if (!check) throw invalidParameterValue(`Value (${key}) for parameter key is invalid. Unknown DHCP option`);
    if (found.has(key)) throw invalidParameterValue(`Value (${key}) for parameter key is invalid. Duplicate DHCP option`);
    const values = (Values ?? []).flatMap((value) => value.split(',')).map((value) => value.trim());
    const wrong = check(values);
    if (wrong) throw invalidParameterValue(`Value (${values.join(', ')}) for parameter value is invalid. ${key} must be ${wrong}`);
    found.set(key, values);
  }
  return [...found].map(([key, values]) => ({ key, values }));
}

function oneOf(accepts: (value: string) => boolean, words: string): Check {
  return (values) => (values.length === 1 && accepts(values[0] ?? '') ? undefined : words);
}

function servers(kinds: { readonly ipv6?: boolean; readonly amazon?: boolean }): Check {
  const words = kinds.ipv6
    ? `the addresses of up to ${serversPerFamily} IPv4 and ${serversPerFamily} IPv6 servers`
    : `the IPv4 addresses of up to ${serversPerFamily} servers`;
  return (values) => {
    const counts = { 4: 0, 6: 0 };
    for (const value of values) {
      const ip = parseIp(value);
      if (ip !== undefined) counts[ipFamily(ip)]++;
      else if (kinds.amazon && value === amazonProvidedDns) counts[4]++;
      else return kinds.amazon ? `${words}, or ${amazonProvidedDns}` : words;
    }
    const total = counts[4] + counts[6];
    if (total > 0 && counts[4] <= serversPerFamily && counts[6] <= (kinds.ipv6 ? serversPerFamily : 0)) return undefined;
    return kinds.amazon ? `${words}, or ${amazonProvidedDns}` : words;
  };
}

/** Some systems take several names, separated by spaces. */
function isDomainNames(value: string): boolean {
  return value.length <= 253 && value.split(' ').every((name) => /^(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(name));
}

function isLease(value: string): boolean {
  return /^[0-9]{1,10}$/.test(value) && Number(value) >= shortestLease && Number(value) <= longestLease;
}
