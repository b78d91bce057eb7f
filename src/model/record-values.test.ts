import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordTypes, type RecordTypeName } from '#model/hosted-zone.ts';
import { readRecordValue } from '#model/record-values.ts';

const hex = (type: RecordTypeName, text: string): string => {
  const read = readRecordValue(type, text);
  return 'bytes' in read ? Buffer.from(read.bytes).toString('hex') : read.fault;
};
const fault = (type: RecordTypeName, text: string): string => {
  const read = readRecordValue(type, text);
  return 'fault' in read ? read.fault : 'no fault';
};
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const example = `07${ascii('example')}03${ascii('com')}00`;

describe('bytes of a value', () => {
  test.each<[RecordTypeName, string, string]>([
    ['A', '192.0.2.1', 'c0000201'],
    ['AAAA', '2001:0db8:85a3:0:0:8a2e:0370:7334', '20010db885a3000000008a2e03707334'],
    ['AAAA', '::', '0'.repeat(32)],
    ['CAA', '0 issue "ca.example.net; account=123456"', `0005${ascii('issueca.example.net; account=123456')}`],
    ['CAA', '128 exampletag "15555551212"', `800a${ascii('exampletag15555551212')}`],
    ['CAA', '0 issue ";"', `0005${ascii('issue;')}`],
    ['CNAME', 'Example.COM', example],
    ['CNAME', 'example.com.', example],
    ['CNAME', String.raw`\052.ex\101mple.com`, `012a${example}`],
    ['CNAME', String.raw`a\056b.example.com`, `03612e62${example}`],
    ['CNAME', '.', '00'],
    ['DS', '123 4 2 0102ff', '007b04020102ff'],
    ['HTTPS', '0 example.com', `0000${example}`],
    ['HTTPS', '1 . alpn="h3,h2" port=8443', '000100000100060268330268320003000220fb'],
    [
      'SVCB',
      '16 example.com. ipv6hint=2001:db8::1 ipv4hint=192.0.2.1,192.0.2.2',
      `0010${example}00040008c0000201c00002020006001020010db8000000000000000000000001`,
    ],
    [
      'SVCB',
      '1 example.com mandatory=alpn,port alpn=h2 no-default-alpn port=1',
      `0001${example}00000004000100030001000302683200020000000300020001`,
    ],
    ['SVCB', String.raw`1 example.com key667="hello\210qoo"`, `0001${example}029b0009${ascii('hello')}88${ascii('qoo')}`],
    ['SVCB', '1 example.com ech=AQID dohpath=/dns{?dns}', `0001${example}000500030102030007000a${ascii('/dns{?dns}')}`],
    ['MX', '10 example.com', `000a${example}`],
    ['MX', '0 .', '000000'],
    [
      'NAPTR',
      String.raw`100 50 "u" "E2U+sip" "!^(\\+441632960083)$!sip:\\1@example.com!" .`,
      `00640032017507${ascii('E2U+sip')}27${ascii(String.raw`!^(\+441632960083)$!sip:\1@example.com!`)}00`,
    ],
    ['NAPTR', '1 2 "" "" "" example.com', `00010002000000${example}`],
    ['NS', 'example.com', example],
    ['PTR', 'example.com', example],
    [
      'SOA',
      'example.com. hostmaster.example.com. 1 7200 900 1209600 4294967295',
      `${example}0a${ascii('hostmaster')}${example}0000000100001c200000038400127500ffffffff`,
    ],
    ['SPF', '"v=spf1 -all"', `0b${ascii('v=spf1 -all')}`],
    ['SRV', '10 5 80 example.com', `000a00050050${example}`],
    ['SSHFP', '2 1 123456789abcdef67890123456789abcdef67890', '0201123456789abcdef67890123456789abcdef67890'],
    ['TLSA', '3 1 1 d2abde240d7cd3ee6b4b28c54df034b9', '030101d2abde240d7cd3ee6b4b28c54df034b9'],
    ['TXT', '"a" "b"', '01610162'],
    ['TXT', '"a""b"', '01610162'],
    ['TXT', '""', '00'],
    ['TXT', String.raw`"ex\344mple \"q\" \\ \;"`, `0f${ascii('ex\u00e4mple "q" \\ ;')}`],
  ])('%s %s', (type, text, expected) => expect(hex(type, text)).toBe(expected));

  test('as long as AWS takes it', () => {
    const part = `"${'x'.repeat(255)}"`;
    expect(hex('TXT', Array(15).fill(part).join(' '))).toBe(`ff${ascii('x'.repeat(255))}`.repeat(15));
    expect(fault('TXT', Array(16).fill(part).join(' '))).toMatch(/^CharacterStringTooLong \(Value is too long\)/);
    const long = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)].join('.');
    expect(hex('NS', long)).toHaveLength(255 * 2);
    expect(fault('NS', `${long}d`)).toMatch(/^DomainNameTooLong/);
    const hints = `1 . ipv6hint=${'::,'.repeat(1328)}::`;
    expect(hex('HTTPS', hints)).toHaveLength((3 + 4 + 1329 * 16) * 2);
  });
});

describe("faults in AWS's words", () => {
  test.each<[RecordTypeName, string, string]>([
    ['A', '1.2.3.256', "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3.256'"],
    [
      'A',
      '88.112.107.181, 88.112.107.181',
      "ARRDATANotSingleField (Value contains spaces) encountered with '88.112.107.181, 88.112.107.181'",
    ],
    ['AAAA', '1.2.3.4', "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '1.2.3.4'"],
    ['CNAME', 'a b', "CNAMERRDATANotSingleField (Value contains spaces) encountered with 'a b'"],
    ['CNAME', '_external-dns..teapot', "DomainLabelEmpty (Domain label is empty) encountered with '_external-dns..teapot'"],
    ['CNAME', '', "DomainLabelEmpty (Domain label is empty) encountered with ''"],
    ['CNAME', '.a', "DomainLabelEmpty (Domain label is empty) encountered with '.a'"],
    ['CNAME', 'a..', "DomainLabelEmpty (Domain label is empty) encountered with 'a..'"],
    ['PTR', `${'l'.repeat(64)}.example.com`, `DomainLabelTooLong (Domain label is too long) encountered with '${'l'.repeat(64)}'`],
    ['NS', 'ä.example.com', "UnsupportedCharacter (Value contains unsupported characters) encountered with 'ä'"],
    ['MX', 'smtp', "MXRRDATANotTwoFields (MX record doesn't have 2 fields) encountered with 'smtp'"],
    ['MX', '65536 a.b', "MXRRDATAInvalidNumber (Value is not a number between 0 and 65535) encountered with '65536 a.b'"],
    [
      'SRV',
      '1 1 32769 ip.a. eu.internal.',
      "SRVRRDATANotFourFields (SRV record doesn't have 4 fields) encountered with '1 1 32769 ip.a. eu.internal.'",
    ],
    ['TXT', 'v=spf1', "InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v=spf1'"],
    ['TXT', '""v=spf1""', `InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '""v=spf1""'`],
    ['TXT', '"v=spf1', `InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '"v=spf1'`],
    [
      'TXT',
      String.raw`"v=spf1\"`,
      String.raw`InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '"v=spf1\"'`,
    ],
    ['TXT', `"${'x'.repeat(256)}"`, `CharacterStringTooLong (Value is too long) encountered with '"${'x'.repeat(256)}"'`],
    ['TXT', '"é"', "UnsupportedCharacter (Value contains unsupported characters) encountered with 'é'"],
    ['SPF', '', "InvalidCharacterString (Value should be enclosed in quotation marks) encountered with ''"],
    [
      'CAA',
      '0 issue ca.example.net',
      "InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '0 issue ca.example.net'",
    ],
    ['CAA', '0 issue', "CAARRDATANotThreeFields (CAA record doesn't have 3 fields) encountered with '0 issue'"],
  ])('%s %s', (type, text, expected) => expect(fault(type, text)).toBe(expected));

  test.each<[RecordTypeName, string]>([
    ['CAA', '256 issue "a"'],
    ['CAA', '0 is_sue "a"'],
    ['DS', '1 2 3 absdef'],
    ['DS', '1 2 3'],
    ['DS', '65536 2 3 00'],
    ['HTTPS', 'example.com'],
    ['HTTPS', '65536 example.com'],
    ['HTTPS', '0 example.com alpn=h2'],
    ['HTTPS', '1 . alpn=h2 alpn=h3'],
    ['HTTPS', '1 . alpn='],
    ['HTTPS', '1 . no-default-alpn'],
    ['HTTPS', '1 . port=x'],
    ['HTTPS', '1 . ipv4hint=::1'],
    ['HTTPS', '1 . ipv6hint=1.2.3.4'],
    ['HTTPS', '1 . mandatory=port'],
    ['HTTPS', '1 . colour=red'],
    ['HTTPS', '1 . ech=?'],
    ['HTTPS', '1 . key3=x'],
    ['NAPTR', '1 2 u "s" "r" .'],
    ['NAPTR', '1 2 "u" "s" "r"'],
    ['SOA', 'a. b. 1 2 3 4'],
    ['SOA', 'a. b. 1 2 3 4 4294967296'],
    ['SSHFP', '1 1'],
    ['TLSA', '3 1 1 0'],
  ])('%s %s is refused', (type, text) => expect(fault(type, text)).toMatch(/^\w+ \(.+\) encountered with '/));

  test('whatever the text, it is bytes or a fault', () => {
    const pieces = fc.array(fc.constantFrom('"', '\\', '.', ' ', ',', '=', '1', '0', 'a', '::', 'alpn', 'key9', '\\052', 'ä', '\0'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...recordTypes),
        fc.oneof(
          pieces.map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (type, text) => {
          const read = readRecordValue(type, text);
          if ('fault' in read) expect(read.fault).toMatch(/^\w+ \([^]+\) encountered with '/);
          else expect(read.bytes.length).toBeLessThan(32_768);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
