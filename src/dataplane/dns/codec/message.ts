/** What a DNS message holds, as values: RFC 1035 section 4, RFC 2181, RFC 3596 (AAAA), RFC 2782 (SRV), RFC 6891 (EDNS). */
import type { Ipv4, Ipv6 } from '#model/ip.ts';

/** Types of records (IANA "Resource Record TYPEs") that Keiro reads or tells apart. */
export const RecordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  /** From here up to `ANY` types are questions about zones and signatures, never of records (RFC 6895 section 3.1). */
  FIRST_META: 128,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const RecordClass = { IN: 1, CH: 3, ANY: 255 } as const;

export const Opcode = { QUERY: 0 } as const;

/** Options of the OPT record: RFC 7871, RFC 8914. */
export const OptionCode = { CLIENT_SUBNET: 8, EXTENDED_ERROR: 15 } as const;

/** Why a question was not answered as asked (RFC 8914 section 4). */
export const ExtendedError = { NOT_READY: 14, PROHIBITED: 18, NOT_AUTHORITATIVE: 20, NOT_SUPPORTED: 21 } as const;

export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** RFC 6891 section 9; its upper bits travel in the OPT record. */
  BADVERS: 16,
} as const;

export interface Question {
  /** Lower case, without a dot at the end, the root as ''; bytes that are no printable ASCII, dots and backslashes in labels as in RFC 1035 section 5.1 (`\.`, `\032`). So are all names here. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface Soa {
  readonly kind: 'SOA';
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  /** Seconds, as the next three. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** How long the absence of a name may be remembered (RFC 2308 section 4). */
  readonly minimum: number;
}

/** What a record says. Types that are not listed keep their bytes. */
export type RecordData =
  | { readonly kind: 'A'; readonly address: Ipv4 }
  | { readonly kind: 'AAAA'; readonly address: Ipv6 }
  | { readonly kind: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | Soa
  /** Strings of up to 255 bytes, at least one. */
  | { readonly kind: 'TXT'; readonly strings: readonly Uint8Array[] }
  | { readonly kind: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly kind: 'SRV'; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly kind: 'opaque'; readonly type: number; readonly bytes: Uint8Array };

export interface ResourceRecord {
  readonly name: string;
  readonly class: number;
  /** Seconds, 0 to 2^31 − 1 (RFC 2181 section 8). */
  readonly ttl: number;
  readonly data: RecordData;
}

export interface EdnsOption {
  readonly code: number;
  readonly bytes: Uint8Array;
}

/** The OPT pseudo-record (RFC 6891 section 6.1), which is never listed among the additional records. */
export interface Edns {
  /** The largest UDP message that the sender takes, in bytes. */
  readonly udpSize: number;
  readonly version: number;
  /** RFC 3225: the sender wants DNSSEC's records. */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface Header {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** 0 to 15, to 4095 with EDNS. */
  readonly rcode: number;
}

export interface Message extends Header {
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}

/** The length of a header in bytes; a first question begins there. */
export const HEADER_BYTES = 12;
/** The longest message: what the length before a message over TCP can say (RFC 1035 section 4.2.2). */
export const MESSAGE_BYTES_MAX = 65_535;

/** The bits of a header's second word (RFC 1035 section 4.1.1, RFC 4035 section 3). */
export const Flag = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;

/** The type's number of what a record says. */
export function typeOf(data: RecordData): number {
  return data.kind === 'opaque' ? data.type : RecordType[data.kind];
}
