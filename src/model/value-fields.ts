/** The fields that values of records consist of. */

/** Where what was written ends; a text is AWS's fault instead. */
export type Written = number | string;

/** A decimal number, 0 to `limit`; undefined when it is none. */
export function numberUpTo(text: string, limit: number): number | undefined {
  if (text.length > 10 || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= limit ? value : undefined;
}

/** Bytes written as pairs of hexadecimal digits, at least one; undefined when they are not. */
export function hexadecimal(text: string): Uint8Array | undefined {
  if (text === '' || text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

/** Fields with spaces between, quoted ones (or quoted from their middle on) whole with their quotes; undefined when a quote does not end. */
export function fieldsOf(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') {
      field += character + (text[++at] ?? '');
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted || !/\s/.test(character)) field += character;
    else {
      if (field !== '') fields.push(field);
      field = '';
    }
  }
  if (isQuoted) return undefined;
  if (field !== '') fields.push(field);
  return fields;
}
