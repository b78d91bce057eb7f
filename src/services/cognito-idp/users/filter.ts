/** The filter of ListUsers: `email ^= "ann"`; one attribute, equal or beginning with a value. */
import { invalidParameter } from '#services/cognito-idp/errors.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';

export interface UserFilter {
  /** What users are sorted by. */
  readonly valueOf: (user: UserRecord) => string | undefined;
  readonly matches: (user: UserRecord) => boolean;
}

/** `NAME = "VALUE"` with quotes and backslashes in the value escaped by one more. */
const FILTER = /^\s*([\p{L}\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\["\\])*)"\s*$/u;

/** "You can only search for the following standard attributes." Custom ones are not searchable. */
const attributes: ReadonlySet<string> = new Set(['email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username']);

const special: Readonly<Record<string, (user: UserRecord) => string>> = {
  username: ({ username }) => username,
  sub: ({ sub }) => sub,
  status: ({ isEnabled }) => (isEnabled ? 'Enabled' : 'Disabled'),
  'cognito:user_status': ({ status }) => status,
};
/** "username (case-sensitive)", "status (… case-sensitive)" */
const caseCounts: ReadonlySet<string> = new Set(['username', 'status']);

/** @throws AwsError InvalidParameterException */
export function parseFilter(text: string): UserFilter {
  const [, name = '', operator, quoted = ''] = FILTER.exec(text) ?? [];
  if (operator === undefined) throw invalidParameter('Error while parsing filter.');
  const value = quoted.replace(/\\(["\\])/g, '$1');
  const valueOf = readerOf(name);
  const fold = (one: string): string => (caseCounts.has(name) ? one : one.toLowerCase());
  const wanted = fold(value);
  return {
    valueOf,
    matches(user) {
      const found = valueOf(user);
      if (found === undefined) return false;
      return operator === '=' ? fold(found) === wanted : fold(found).startsWith(wanted);
    },
  };
}

function readerOf(name: string): UserFilter['valueOf'] {
  if (attributes.has(name)) return (user) => user.attributes[name];
  const found = Object.hasOwn(special, name) ? special[name] : undefined;
  if (found === undefined) throw invalidParameter(`Invalid search attribute: ${name}`);
  return found;
}
