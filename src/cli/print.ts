/** Output: JSON when asked, else words. */

/** Prints `value` as JSON when `json`, else the words. */
export function print(json: boolean | undefined, value: unknown, words: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${words()}\n`);
}
