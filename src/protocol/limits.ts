/** How much of a request the protocols read; more is refused with a 4xx before any work is spent on it. */
export const LIMITS = {
  /** Name-value pairs in a query string or a form body. */
  parameters: 20_000,
  /** Parts between dots in one parameter's name. */
  parameterDepth: 32,
  /** The highest index in a parameter's name, e.g. in `Filter.1.Value.7`. */
  listIndex: 1_000_000,
  /** Structures, lists and maps inside one another in a JSON or XML body. */
  nesting: 64,
  /** Elements in an XML body. */
  xmlElements: 200_000,
  /** Characters of a wrong value that an error message repeats. */
  echoedValue: 256,
} as const;

/** A wrong value as an error message may repeat it. */
export function echo(value: string): string {
  return value.length <= LIMITS.echoedValue ? value : `${value.slice(0, LIMITS.echoedValue)}…`;
}
