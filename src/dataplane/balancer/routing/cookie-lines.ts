/** Cookies in headers: one value out of a request's `Cookie` lines, names and lines of `Set-Cookie`. */

/** AWS gives all its cookies seven days, whatever the stickiness's own duration. */
const COOKIE_LIFE_MS = 7 * 24 * 3600 * 1000;

/** The first cookie with this name. */
export function cookieValue(lines: readonly string[], name: string): string | undefined {
  for (const line of lines) {
    for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
      const begin = at + name.length + 1;
      if (line[begin - 1] !== '=' || (at > 0 && line[at - 1] !== ' ' && line[at - 1] !== ';')) continue;
      const end = line.indexOf(';', begin);
      return (end < 0 ? line.slice(begin) : line.slice(begin, end)).trim();
    }
  }
  return undefined;
}

/** Whether one of these `Set-Cookie` values sets the cookie. */
export function setsCookie(setCookies: readonly string[], name: string): boolean {
  return setCookies.some((line) => line.slice(0, line.indexOf('=')).trim() === name);
}

/** A `Set-Cookie` value in AWS's form. @param nowMs epoch */
export function setCookie(name: string, value: string, nowMs: number, isCrossSite: boolean): string {
  const expires = new Date(nowMs + COOKIE_LIFE_MS).toUTCString();
  return `${name}=${value}; Expires=${expires}; Path=/${isCrossSite ? '; SameSite=None; Secure' : ''}`;
}
