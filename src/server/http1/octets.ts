/** What each octet may be a part of, in the grammar of RFC 9110 section 5 and RFC 9112 section 3. */

/** Of a method's name. RFC 9110 lets it be any token; every registered one is capitals and hyphens. */
export const METHOD = 1;
/** Of a request target: visible ASCII, without `#`, which begins what a client keeps to itself. */
export const TARGET = 2;
/** Of a field name: `tchar`. */
export const TOKEN = 4;
/** Of a field value: horizontal tab, space, visible ASCII and `obs-text` (0x80 to 0xff). */
export const VALUE = 8;

export const CR = 0x0d;
export const LF = 0x0a;
export const SPACE = 0x20;
export const TAB = 0x09;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

const isToken = (code: number): boolean => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code));

/** Bits by octet. */
export const KIND: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const isCapital = code >= 0x41 && code <= 0x5a;
  const isVisible = code > SPACE && code < 0x7f;
  return (
    (isCapital || code === 0x2d ? METHOD : 0) |
    (isVisible && code !== 0x23 ? TARGET : 0) |
    (isVisible && isToken(code) ? TOKEN : 0) |
    (isVisible || code === SPACE || code === TAB || code >= 0x80 ? VALUE : 0)
  );
});
