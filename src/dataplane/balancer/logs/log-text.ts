/** Texts as access logs have them: times, and what clients sent made harmless. */

/** Nothing to say. */
export const NONE = '-';

/** `2018-07-02T22:23:00.186641Z`. @param ms epoch, with fractions */
export function microseconds(ms: number): string {
  const micros = Math.floor((ms - Math.floor(ms)) * 1000);
  return `${new Date(Math.floor(ms)).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** `0.086`; `-1` where nothing was measured. */
export function secondsOf(ms: number): string {
  return ms < 0 ? '-1' : (ms / 1000).toFixed(3);
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`. */
export function endpoint(value: { readonly address: string; readonly port: number } | undefined): string {
  if (value === undefined) return NONE;
  const { address, port } = value;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** In double quotes. What could end them, and what is not printable ASCII, becomes `\xHH`, octet by octet. */
export function quoted(text: string | undefined): string {
  return text === undefined || text === '' ? '"-"' : `"${harmless(text)}"`;
}

/** Without spaces too, for fields that have no quotes. */
export function unquoted(text: string | undefined): string {
  return text === undefined || text === '' ? NONE : harmless(text).replaceAll(' ', '\\x20');
}

function harmless(text: string): string {
  if (!/["\\]|[^\x20-\x7e]/.test(text)) return text;
  return text.replaceAll(/["\\]|[^\x20-\x7e]/gu, (character) => {
    // What came from a socket has one octet a character; other text is UTF-8.
    const octets = Buffer.from(character, character <= '\xff' ? 'latin1' : 'utf8');
    return octets.toString('hex').toUpperCase().replaceAll(/../g, '\\x$&');
  });
}
