/** Parameters of a query string or a form body (`application/x-www-form-urlencoded`), and the tree that their dotted names make. */
import { isUtf8 } from 'node:buffer';
import { AwsError } from '#protocol/aws-error.ts';
import type { HttpRequest } from '#protocol/http.ts';
import { LIMITS } from '#protocol/limits.ts';

/** One name, or one part of a dotted name, with what lies under it. */
export interface Parameter {
  /** The whole name up to here, e.g. `Filter.1.Name`; empty at the root. */
  readonly path: string;
  value: string | undefined;
  children: Map<string, Parameter> | undefined;
}

/** AWS's answer to a query that cannot be read (Common Errors of its query APIs). */
function malformedQuery(why: string): AwsError {
  return new AwsError('MalformedQueryString', `The query string contains a syntax error. ${why}`, 400);
}

/** Calls `take` with every name and value of a query string, decoded. @throws AwsError when it is not well-formed UTF-8 percent-encoding. */
export function eachParameter(text: string, take: (name: string, value: string) => void): void {
  let count = 0;
  for (let from = 0; from < text.length;) {
    let to = text.indexOf('&', from);
    if (to === -1) to = text.length;
    if (to > from) {
      if (++count > LIMITS.parameters) throw malformedQuery(`It has more than ${LIMITS.parameters} parameters.`);
      // Looked for in the parameter alone: in the rest of a text without `=`, every parameter would cost the whole text.
      const parameter = text.slice(from, to);
      const equals = parameter.indexOf('=');
      if (equals === -1) take(decodeFormPart(parameter), '');
      else take(decodeFormPart(parameter.slice(0, equals)), decodeFormPart(parameter.slice(equals + 1)));
    }
    from = to + 1;
  }
}

function decodeFormPart(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  } catch {
    throw malformedQuery('It is not percent-encoded UTF-8.');
  }
}

/** The parameters of a request, of its query and of its body, as a flat map; where a name comes twice the last value counts. */
export function readParameters(request: HttpRequest): Map<string, string> {
  const parameters = new Map<string, string>();
  const take = (name: string, value: string): void => {
    parameters.set(name, value);
  };
  eachParameter(request.query, take);
  if (request.body.length > 0) {
    if (!isUtf8(request.body)) throw malformedQuery('It is not UTF-8.');
    eachParameter(request.body.toString('utf8'), take);
    if (parameters.size > LIMITS.parameters) throw malformedQuery(`It has more than ${LIMITS.parameters} parameters.`);
  }
  return parameters;
}

/** The tree of dotted names; names for which `skip` is true stay out. */
export function parameterTree(parameters: ReadonlyMap<string, string>, skip: (name: string) => boolean): Parameter {
  const root: Parameter = { path: '', value: undefined, children: undefined };
  for (const [name, value] of parameters) {
    if (!skip(name)) nodeAt(root, name).value = value;
  }
  return root;
}

function nodeAt(root: Parameter, name: string): Parameter {
  let node = root;
  let from = 0;
  for (let depth = 1; ; depth++) {
    if (depth > LIMITS.parameterDepth) throw malformedQuery(`A parameter's name has more than ${LIMITS.parameterDepth} parts.`);
    const dot = name.indexOf('.', from);
    const to = dot === -1 ? name.length : dot;
    const part = name.slice(from, to);
    const children: Map<string, Parameter> = (node.children ??= new Map());
    let child = children.get(part);
    if (child === undefined) {
      child = { path: dot === -1 ? name : name.slice(0, to), value: undefined, children: undefined };
      children.set(part, child);
    }
    if (dot === -1) return child;
    node = child;
    from = dot + 1;
  }
}

/** The children of a list's node in the order of their indices, gaps closed up; undefined when a name is no index. */
export function indexedChildren(node: Parameter): Parameter[] | undefined {
  const entries: [index: number, child: Parameter][] = [];
  let sorted = true;
  for (const [part, child] of node.children ?? []) {
    if (!/^\d{1,7}$/.test(part)) return undefined;
    const index = Number(part);
    if (index > LIMITS.listIndex) return undefined;
    const last = entries.at(-1);
    if (last !== undefined && last[0] > index) sorted = false;
    entries.push([index, child]);
  }
  if (!sorted) entries.sort(([a], [b]) => a - b);
  return entries.map(([, child]) => child);
}
