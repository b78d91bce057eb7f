/** What a room's README must have. */
import { lineCount } from '#test/tidy/style.ts';

export const mostLines = 30;
export const headings = ['What it is', 'What it must not know', 'Start reading at'] as const;

export function faultsOfReadme(text: string): string[] {
  const found: string[] = [];
  if (lineCount(text) > mostLines) found.push(`more than ${mostLines} lines`);
  if (!/^# \S/.test(text)) found.push('no title');
  const sections = new Map(
    text
      .split(/^##+ /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0]?.trim(), section.split('\n').slice(1).join('\n').trim()]),
  );
  for (const heading of headings) {
    if (!sections.has(heading)) found.push(`no heading "${heading}"`);
    else if (sections.get(heading) === '') found.push(`nothing under "${heading}"`);
  }
  return found;
}
