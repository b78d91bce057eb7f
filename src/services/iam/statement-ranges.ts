/** Where a statement stands in the text of its policy. */

export interface Position {
  /** From 1. */
  readonly Line: number;
  /** From 1; behind the statement's last character for its end. */
  readonly Column: number;
}

/** The place of the statement with that number (from 1) in a well-formed document. */
export function statementRange(document: string, number: number): { readonly start: Position; readonly end: Position } | undefined {
  const list = /"Statement"\s*:\s*/.exec(document);
  if (!list) return undefined;
  const from = list.index + list[0].length;
  const isList = document.charAt(from) === '[';
  let depth = 0;
  let count = 0;
  let start = -1;
  for (let at = isList ? from + 1 : from; at < document.length; at++) {
    const character = document.charAt(at);
    if (character === '"') at = endOfString(document, at);
    else if (character === '{' && depth++ === 0) {
      count++;
      start = at;
    } else if (character === '}' && --depth === 0 && count === number) {
      return { start: positionAt(document, start), end: positionAt(document, at + 1) };
    }
  }
  return undefined;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { Line: before.length, Column: (before.at(-1)?.length ?? 0) + 1 };
}
