/** Domain names as Route 53 reads and shows them, and as they stand in messages (guide, "DNS domain name format"; RFC 1035 section 3.1). */

/** Bytes of a label, and of a name in a message with its lengths and the root (RFC 1035 section 2.3.4). */
const LABEL_BYTES = 63;
const NAME_BYTES = 255;

const DOT = 0x2e;
const BACKSLASH = 0x5c;
const STAR = 0x2a;

/** What AWS says of a bad name: its code, its words, and what it met; goes behind `FATAL problem: `. */
const labelEmpty = (text: string): string => `DomainLabelEmpty (Domain label is empty) encountered with '${text}'`;
const labelTooLong = (label: string): string => `DomainLabelTooLong (Domain label is too long) encountered with '${label}'`;
const nameTooLong = (text: string): string => `DomainNameTooLong (Domain name is too long) encountered with '${text}'`;
const unsupported = (character: string): string =>
  `UnsupportedCharacter (Value contains unsupported characters) encountered with '${character}'`;

/**
 * Writes a name, uncompressed and in lower case, and gives where it ends; a text is AWS's fault.
 * @param text labels with dots between, one more at the end if it likes, `.` for the root; `\ooo` is a byte in octal, `\c` the character itself
 * @param into has room for 256 bytes behind `at`
 */
export function writeDomainName(text: string, into: Uint8Array, at: number): number | string {
  const { length } = text;
  if (length === 1 && text.charCodeAt(0) === DOT) {
    into[at] = 0;
    return at + 1;
  }
  let lengthAt = at;
  let end = at + 1;
  let labelFrom = 0;
  for (let from = 0; from < length; from++) {
    let code = text.charCodeAt(from);
    if (code === DOT) {
      if (end === lengthAt + 1) return labelEmpty(text);
      into[lengthAt] = end - lengthAt - 1;
      lengthAt = end++;
      labelFrom = from + 1;
      continue;
    }
    if (code === BACKSLASH) {
      const octet = octalAt(text, from);
      if (octet !== undefined) {
        code = octet;
        from += 3;
      } else {
        code = text.charCodeAt(++from);
        if (!(code > 0x20 && code < 0x7f)) return unsupported('\\');
      }
    } else if (code <= 0x20 || code >= 0x7f) return unsupported(text[from] ?? '');
    if (end - lengthAt > LABEL_BYTES) return labelTooLong(text.slice(labelFrom).split('.', 1)[0] ?? '');
    if (end - at >= NAME_BYTES - 1) return nameTooLong(text);
    into[end++] = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  }
  if (end === lengthAt + 1) {
    if (end === at + 1) return labelEmpty(text);
  } else {
    into[lengthAt] = end - lengthAt - 1;
    lengthAt = end++;
  }
  into[lengthAt] = 0;
  return end;
}

/** The byte that `\ooo` stands for at a place; undefined unless it is there. */
export function octalAt(text: string, from: number): number | undefined {
  const [a, b, c] = [text.charCodeAt(from + 1) - 0x30, text.charCodeAt(from + 2) - 0x30, text.charCodeAt(from + 3) - 0x30];
  return a >= 0 && a <= 3 && b >= 0 && b <= 7 && c >= 0 && c <= 7 ? a * 64 + b * 8 + c : undefined;
}

/** A name as the model has it: see `HostedZone`. The root is the empty text. */
export type NameReading = { readonly name: string } | { readonly fault: string };

/** Most names are so already. */
const usual = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const USUAL_LENGTH = NAME_BYTES - 2;

/** Reads a name as a caller writes it; the fault is AWS's code and words. */
export function readDomainName(text: string): NameReading {
  const bare = text.endsWith('.') && text.length > 1 ? text.slice(0, -1) : text;
  if (bare.length <= USUAL_LENGTH && usual.test(bare)) return { name: bare };
  const bytes = new Uint8Array(NAME_BYTES + 1);
  const end = writeDomainName(text, bytes, 0);
  return typeof end === 'string' ? { fault: end } : { name: nameIn(bytes) };
}

/** The model's name of what stands uncompressed at the head of `bytes`, a whole name. */
function nameIn(bytes: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; ;) {
    const length = bytes[at] ?? 0;
    if (length === 0) break;
    const label = bytes.subarray(at + 1, at + 1 + length);
    labels.push(labels.length === 0 && length === 1 && label[0] === STAR ? '*' : Array.from(label, shownByte).join(''));
    at += length + 1;
  }
  return labels.join('.');
}

/** "If the domain name includes any characters other than a to z, 0 to 9, - or _, Route 53 API actions return the characters as escape codes." */
function shownByte(byte: number): string {
  const isPlain = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
  return isPlain ? String.fromCodePoint(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
}

/** A name of the model as AWS shows it: with the dot at the end, and `\052` for the wildcard. */
export function shownDomainName(name: string): string {
  return name.startsWith('*') ? `\\052${name.slice(1)}.` : `${name}.`;
}

/** A name of the model as it stands in a message, uncompressed. */
export function domainNameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES + 1);
  const end = writeDomainName(name === '' ? '.' : name, bytes, 0);
  return typeof end === 'string' ? Uint8Array.of(0) : bytes.slice(0, end);
}

/** Whether a name of the model is another or below it. */
export function isWithin(name: string, zone: string): boolean {
  return zone === '' || name === zone || (name.endsWith(zone) && name.charCodeAt(name.length - zone.length - 1) === DOT);
}

/** The name above; undefined for the root. */
export function parentName(name: string): string | undefined {
  if (name === '') return undefined;
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** By this Route 53 orders names, as ASCII text: `www.example.com` gives `com.example.www.`. */
export function nameOrder(name: string): string {
  return `${(name.startsWith('*') ? `\\052${name.slice(1)}` : name).split('.').toReversed().join('.')}.`;
}
