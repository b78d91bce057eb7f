/** What a room's README must have: three headings, or lines that begin with them. */
import { lineCount } from '#test/tidy/style.ts';

export const mostLines = 30;
export const headings = ['What it is', 'What it must not know', 'Start reading at'] as const;

export function faultsOfReadme(text: string): string[] {
  const found: string[] = [];
  if (lineCount(text) > mostLines) found.push(`more than ${mostLines} lines`);
  if (!/^# \S/.test(text)) found.push('no title');
  const parts = text.split(new RegExp(`^(?:#+ |\\*+)?(${headings.join('|')})[.:*]*`, 'm'));
  for (const heading of headings) {
    const at = parts.indexOf(heading);
    if (at < 0) found.push(`no heading "${heading}"`);
    else if ((parts[at + 1] ?? '').trim() === '') found.push(`nothing under "${heading}"`);
  }
  return found;
}
