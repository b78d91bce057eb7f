/** Finds a REST operation by method, path and query, and reads the labels out of the path. */
import type { Model } from '#protocol/model.ts';

/** One part of a path's pattern between slashes. */
type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };

export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Names and values that the query must have, as in `/path?list-type=2`; an empty value is any. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The status of a successful answer. */
  readonly status: number;
}

/** The routes of a model, those that say more about the path first. */
export function routesOf(model: Model): Route[] {
  const routes: Route[] = [];
  for (const name of model.operations) {
    const http = model.operation(name)?.traits.http;
    if (http === undefined) continue;
    const [method, uri, status] = http;
    const [path = '/', query = ''] = uri.split('?', 2);
    routes.push({
      operation: name,
      method,
      segments: splitPath(path).map(segmentOf),
      query: [...new URLSearchParams(query)],
      status,
    });
  }
  return routes.sort(bySpecificity);
}

function segmentOf(part: string): Segment {
  const match = /^\{([^{}+]+)(\+)?\}$/.exec(part);
  return match?.[1] === undefined ? { literal: part } : { label: match[1], greedy: match[2] !== undefined };
}

/** Literals before labels before greedy labels, from the left; then more query literals; then longer paths. */
function bySpecificity(a: Route, b: Route): number {
  const length = Math.min(a.segments.length, b.segments.length);
  for (let i = 0; i < length; i++) {
    const difference = rankOf(a.segments[i]) - rankOf(b.segments[i]);
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length || b.query.length - a.query.length;
}

function rankOf(segment: Segment | undefined): number {
  if (segment === undefined || 'literal' in segment) return 0;
  return segment.greedy ? 2 : 1;
}

/** Parts between slashes, without the first, empty one; a slash at the end does not count. */
function splitPath(path: string): string[] {
  const parts = path.split('/').slice(1);
  if (parts.length > 0 && parts.at(-1) === '') parts.pop();
  return parts;
}

export interface RouteMatch {
  readonly route: Route;
  /** Labels by member name, still percent-encoded. */
  readonly labels: ReadonlyMap<string, string>;
}

/** The first route that fits. `query` holds decoded names and values. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
  query: ReadonlyMap<string, readonly string[]>,
): RouteMatch | undefined {
  const parts = splitPath(path);
  for (const route of routes) {
    if (route.method !== method) continue;
    const labels = matchSegments(route.segments, parts);
    if (
      labels !== undefined &&
      route.query.every(([name, value]) => (value === '' ? query.has(name) : query.get(name)?.includes(value) === true))
    ) {
      return { route, labels };
    }
  }
  return undefined;
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Map<string, string> | undefined {
  const labels = new Map<string, string>();
  let at = 0;
  for (const [i, segment] of segments.entries()) {
    const part = parts[at];
    if (part === undefined) return undefined;
    if ('literal' in segment) {
      if (part !== segment.literal) return undefined;
      at++;
    } else if (segment.greedy) {
      // As much as leaves one part for each segment that follows.
      const end = parts.length - (segments.length - i - 1);
      if (end <= at) return undefined;
      labels.set(segment.label, parts.slice(at, end).join('/'));
      at = end;
    } else {
      if (part === '') return undefined;
      labels.set(segment.label, part);
      at++;
    }
  }
  return at === parts.length ? labels : undefined;
}
