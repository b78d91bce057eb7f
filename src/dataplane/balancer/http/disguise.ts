/** Names that somebody's clean-up of text could turn into a name that says where a body ends. */

const LETTERS = ['transferencoding', 'contentlength'] as const;
/** Latin small letter dotless i and long s, in UTF-8: upper case makes an I and an S of them. */
const LOOKALIKES: readonly (readonly [octets: string, letter: string])[] = [
  ['\xc4\xb1', 'i'],
  ['\xc5\xbf', 's'],
];
const SHORTEST = 13;

/** @param name of a field, one octet a character, that is neither of the two itself */
export function isDisguised(name: string): boolean {
  if (name.length < SHORTEST) return false;
  let plain = name;
  for (const [octets, letter] of LOOKALIKES) plain = plain.replaceAll(octets, letter);
  plain = plain.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return LETTERS.some((letters) => plain === letters);
}

/** True where a look at the letters is worth its time: t or c is the first letter, and the length could be right. */
export function mayBeDisguised(bytes: Buffer, at: number, length: number): boolean {
  if (length < SHORTEST || length > 40) return false;
  for (let index = at; index < at + length; index += 1) {
    const letter = (bytes[index] ?? 0) | 0x20;
    if (letter < 0x61 || letter > 0x7a) continue;
    return letter === 0x74 || letter === 0x63;
  }
  return false;
}
