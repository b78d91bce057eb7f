/** Bytes to messages: whole ones for clients and tests, and the short way for a server's queries. Nothing here throws. */
import {
  Flag,
  HEADER_BYTES,
  Opcode,
  Rcode,
  RecordType,
  type Edns,
  type Header,
  type Message,
  type Question,
  type ResourceRecord,
} from '#dataplane/dns/codec/message.ts';
import type { Cursor } from '#dataplane/dns/codec/names.ts';
import { nextType, readOpt, readQuestion, readRecord, skipRecord, uint16 } from '#dataplane/dns/codec/read-records.ts';

/** What a server has to know of a query to answer it. */
export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** Not `NOERROR`: the query is to be refused with this code, and the rest is only what could be read. */
  readonly rcode: number;
  readonly question: Question | undefined;
  /** Where the question ends in the query's bytes; it begins behind the header. */
  readonly questionEnd: number;
  readonly edns: Edns | undefined;
}

/** EDNS has one version (RFC 6891 section 6.1.3). */
const EDNS_VERSION = 0;

/**
 * Reads a query. Undefined for what gets no answer: less than a header, or an answer itself, so that two servers never
 * talk to each other without end. What is read wrong has FORMERR, NOTIMP or BADVERS as its `rcode`.
 */
export function readQuery(bytes: Uint8Array): Query | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const flags = uint16(bytes, 2);
  if ((flags & Flag.QR) !== 0) return undefined;
  const opcode = opcodeOf(flags);
  if (opcode !== Opcode.QUERY) return queryOf(bytes, flags, Rcode.NOTIMP, undefined, HEADER_BYTES, undefined);
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  // One question: RFC 9619.
  const question = uint16(bytes, 4) === 1 ? readQuestion(cursor) : undefined;
  if (question === undefined) return queryOf(bytes, flags, Rcode.FORMERR, undefined, HEADER_BYTES, undefined);
  const questionEnd = cursor.at;
  const edns = readRest(cursor);
  if (edns === false) return queryOf(bytes, flags, Rcode.FORMERR, question, questionEnd, undefined);
  const rcode = edns !== undefined && edns.version !== EDNS_VERSION ? Rcode.BADVERS : Rcode.NOERROR;
  return queryOf(bytes, flags, rcode, question, questionEnd, edns);
}

/** Goes over the records behind a query's question to its end for the OPT record; false when they are not well formed. */
function readRest(cursor: Cursor): Edns | undefined | false {
  const { bytes } = cursor;
  const others = uint16(bytes, 6) + uint16(bytes, 8);
  const additionals = uint16(bytes, 10);
  let edns: Edns | undefined;
  // Counts are at most 65,535 each and every record has bytes, so this ends with the message.
  for (let left = others; left > 0; left--) if (!skipRecord(cursor)) return false;
  for (let left = additionals; left > 0; left--) {
    if (nextType(cursor) === RecordType.OPT) {
      const opt = readOpt(cursor);
      if (opt === undefined || edns !== undefined) return false; // two of them: RFC 6891 section 6.1.1
      edns = opt.edns;
    } else if (!skipRecord(cursor)) return false;
  }
  return cursor.at === bytes.length && edns;
}

function queryOf(
  bytes: Uint8Array,
  flags: number,
  rcode: number,
  question: Question | undefined,
  questionEnd: number,
  edns: Edns | undefined,
): Query {
  return {
    id: uint16(bytes, 0),
    opcode: opcodeOf(flags),
    recursionDesired: (flags & Flag.RD) !== 0,
    checkingDisabled: (flags & Flag.CD) !== 0,
    rcode,
    question,
    questionEnd,
    edns,
  };
}

/** Reads a whole message of either direction; undefined unless every byte of it is well formed. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  const questions = readQuestions(cursor, uint16(bytes, 4));
  const answers = questions && readSection(cursor, uint16(bytes, 6));
  const authorities = answers && readSection(cursor, uint16(bytes, 8));
  const last = authorities && readAdditionals(cursor, uint16(bytes, 10));
  if (!questions || !answers || !authorities || !last || cursor.at !== bytes.length) return undefined;
  const { additionals, edns, rcodeHigh } = last;
  return { ...headerOf(bytes, rcodeHigh), questions, answers, authorities, additionals, ...(edns ? { edns } : {}) };
}

function readQuestions(cursor: Cursor, count: number): Question[] | undefined {
  const questions: Question[] = [];
  for (let left = count; left > 0; left--) {
    const question = readQuestion(cursor);
    if (question === undefined) return undefined;
    questions.push(question);
  }
  return questions;
}

function readSection(cursor: Cursor, count: number): ResourceRecord[] | undefined {
  const records: ResourceRecord[] = [];
  for (let left = count; left > 0; left--) {
    const record = nextType(cursor) === RecordType.OPT ? undefined : readRecord(cursor); // OPT is for the additional section
    if (record === undefined) return undefined;
    records.push(record);
  }
  return records;
}

interface Additionals {
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
  readonly rcodeHigh: number;
}

function readAdditionals(cursor: Cursor, count: number): Additionals | undefined {
  const additionals: ResourceRecord[] = [];
  let edns: Edns | undefined;
  let rcodeHigh = 0;
  for (let left = count; left > 0; left--) {
    if (nextType(cursor) === RecordType.OPT) {
      const opt = readOpt(cursor);
      if (opt === undefined || edns !== undefined) return undefined;
      ({ edns, rcodeHigh } = opt);
    } else {
      const record = readRecord(cursor);
      if (record === undefined) return undefined;
      additionals.push(record);
    }
  }
  return { additionals, edns, rcodeHigh };
}

function headerOf(bytes: Uint8Array, rcodeHigh: number): Header {
  const flags = uint16(bytes, 2);
  return {
    id: uint16(bytes, 0),
    isResponse: (flags & Flag.QR) !== 0,
    opcode: opcodeOf(flags),
    authoritative: (flags & Flag.AA) !== 0,
    truncated: (flags & Flag.TC) !== 0,
    recursionDesired: (flags & Flag.RD) !== 0,
    recursionAvailable: (flags & Flag.RA) !== 0,
    authenticData: (flags & Flag.AD) !== 0,
    checkingDisabled: (flags & Flag.CD) !== 0,
    rcode: (rcodeHigh << 4) | (flags & 0xf),
  };
}

function opcodeOf(flags: number): number {
  return (flags >>> 11) & 0xf;
}
