/** Rules of the house style that no linter has, each a function from a file's text to what is wrong. */
import { parseSync } from 'rolldown/utils';
import { syntaxOf } from '#test/tidy/imports.ts';

export const lineCount = (source: string): number => source.split('\n').length - (source.endsWith('\n') ? 1 : 0);

/** The first sentence of the comment that a file opens with; undefined when it does not open with one. */
export function openingSentence(source: string): string | undefined {
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(source)?.[1];
  const text = comment
    ?.replace(/^\s*\*? ?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /^[^a-z\s].*?[.:?](?= |$)/.exec(text ?? '')?.[0];
}

const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/**
 * Lines with `as` (not `as const`, nor `as unknown`, which assumes nothing) or `!` that say nothing of why it holds.
 * A comment on the line, or alone on the line above, counts as the reason.
 */
export function assumptionsWithoutReason(name: string, source: string): number[] {
  const { comments } = parseSync(name, source);
  const explained = new Set<number>();
  for (const { start, end } of comments) {
    explained.add(lineAt(source, start)).add(lineAt(source, end));
    const isAlone = source.slice(source.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
    if (isAlone) explained.add(lineAt(source, end) + 1);
  }
  const found = new Set<number>();
  for (const node of syntaxOf(name, source)) {
    if (node.type !== 'TSAsExpression' && node.type !== 'TSNonNullExpression' && node.type !== 'TSTypeAssertion') continue;
    const { start, end } = node as unknown as { start: number; end: number }; // every node has both
    const text = source.slice(start, end);
    if (/\bas\s+(const|unknown)$/.test(text)) continue;
    // The assumption stands at the end of its expression, which may have begun lines before.
    const last = lineAt(source, end);
    if (!explained.has(last)) found.add(last);
  }
  return [...found].sort((a, b) => a - b);
}

const forbiddenCalls = /^(Date\.now|Math\.random|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate)$/;
const forbiddenImports = /^(randomBytes|randomUUID|randomInt|randomFillSync|randomFill|webcrypto)$/;

interface Named {
  readonly name?: string;
  readonly value?: string;
}

/** Lines that ask the machine for the time or for chance: an operation has both from its context only, so that it can run again. */
export function readsClockOrChance(name: string, source: string): number[] {
  const found: number[] = [];
  for (const node of syntaxOf(name, source)) {
    if (node.type === 'CallExpression') {
      const callee = node['callee'] as { start: number; end: number }; // every call has one
      if (forbiddenCalls.test(source.slice(callee.start, callee.end))) found.push(lineAt(source, node.start));
    } else if (node.type === 'NewExpression') {
      const callee = node['callee'] as Named; // every `new` has one
      if (callee.name === 'Date' && (node['arguments'] as unknown[]).length === 0) found.push(lineAt(source, node.start)); // and arguments
    } else if (node.type === 'ImportSpecifier') {
      const imported = node['imported'] as Named; // every specifier has one
      if (forbiddenImports.test(imported.name ?? imported.value ?? '')) found.push(lineAt(source, node.start));
    }
  }
  return [...new Set(found)].sort((a, b) => a - b);
}
