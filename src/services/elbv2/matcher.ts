/** Which answers of a target are healthy: `200`, `200,202`, `200-299`. */
import { validationError } from '#services/elbv2/errors.ts';

/** @throws AwsError ValidationError for what is no list of codes and ranges, or is outside of `min` to `max` */
export function checkMatcher(matcher: string, min: number, max: number): void {
  for (const part of matcher.split(',')) {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    if (!match) throw validationError(`Health check matcher HTTP code '${part}' is not valid`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    for (const code of [first, last]) {
      if (code < min || code > max)
        throw validationError(`Health check matcher HTTP code '${code}' must be within '${min}-${max}' inclusive`);
    }
    if (first > last) throw validationError(`Health check matcher HTTP code '${part}' is not valid`);
  }
}
