/** What each octet may be a part of, in the grammar of RFC 9110 section 5 and RFC 9112 section 3. */

export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const SLASH = 0x2f;
export const COLON = 0x3a;

/** Of a method or a field name: `tchar`. */
export const TOKEN = 1;
/** Of a request target: visible ASCII, and what is not encoded as it should be (0x80 to 0xff). */
export const TARGET = 2;
/** Of a field value: horizontal tab, space and visible ASCII. */
export const VALUE = 4;
/** Of a field value as some send it: also 0x80 to 0xff (`obs-text`). */
export const LOOSE_VALUE = 8;
/** Of the names that AWS calls valid: `[-A-Za-z0-9]`. */
export const PLAIN_NAME = 16;

const isToken = (code: number): boolean => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code));

/** Bits by octet. */
export const KIND: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const isVisible = code > SPACE && code < 0x7f;
  const isText = isVisible || code === SPACE || code === TAB;
  return (
    (isVisible && isToken(code) ? TOKEN : 0) |
    (isVisible || code >= 0x80 ? TARGET : 0) |
    (isText ? VALUE : 0) |
    (isText || code >= 0x80 ? LOOSE_VALUE : 0) |
    (/[-A-Za-z0-9]/.test(String.fromCharCode(code)) ? PLAIN_NAME : 0)
  );
});

/** The value of a hexadecimal digit; −1 for other octets. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The number that digits alone write; −1 for any other text, and for more than 15 digits: no body is so long. */
export function decimal(text: string): number {
  if (text.length === 0 || text.length > 15) return -1;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
