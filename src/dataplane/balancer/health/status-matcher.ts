/** Which status codes pass: `200`, `200,202`, `200-299`. */

export type StatusMatcher = (status: number) => boolean;

/** What is no number matches nothing: control refuses it before. */
export function compileMatcher(text: string): StatusMatcher {
  const ranges = text.split(',').map((part) => {
    const [from, to] = part.trim().split('-');
    return { from: Number(from), to: Number(to ?? from) };
  });
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}
