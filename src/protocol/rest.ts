/** What REST-XML and REST-JSON have in common: members bound to the path, the query, headers and the body. */
import { compiledOnce } from '#protocol/compiled-once.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { placeOf, type ValidationFaults } from '#protocol/faults.ts';
import { eachParameter } from '#protocol/form.ts';
import { headerReader, headerText, headerWriter, simpleReader, type WriteText } from '#protocol/http-values.ts';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { type Member, type Model, SIMPLE, type Structure } from '#protocol/model.ts';
import { matchRoute, type Route, type RouteMatch, routesOf } from '#protocol/http-routes.ts';

type Values = Readonly<Record<string, unknown>>;
type Into = Record<string, unknown>;
type ReadMember = (request: RequestParts, into: Into, faults: ValidationFaults) => void;

/** What the two protocols do with a body. */
export interface BodyFormat {
  readonly contentType: string;
  /** The reader of the body members of an input. */
  bodyReader(members: readonly Member[]): (body: Buffer, into: Into, faults: ValidationFaults) => void;
  /** The reader of a body that is one member. */
  payloadReader(member: Member): (body: Buffer, faults: ValidationFaults) => unknown;
  /** The writer of the body members of an output. */
  bodyWriter(shape: Structure, members: readonly Member[]): (value: Values) => string;
  payloadWriter(member: Member): WriteText;
  faults(): ValidationFaults;
}

interface RequestParts {
  readonly labels: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly request: HttpRequest;
}

export interface RestBinding {
  matchOf(request: HttpRequest): RouteMatch | undefined;
  decode(name: string, request: HttpRequest): Into;
  encode(name: string, value: Values, requestId: string): HttpResponse;
  /** The headers that members of an error are bound to. */
  errorHeaders(shape: Structure, members: Values): Record<string, string>;
}

export function createRestBinding(model: Model, format: BodyFormat): RestBinding {
  let routes: Route[] | undefined;
  const matches = new WeakMap<HttpRequest, RouteMatch>();

  const matchOf = (request: HttpRequest): RouteMatch | undefined => {
    routes ??= routesOf(model);
    let match = matches.get(request);
    if (match === undefined && unreadableQuery(request) === undefined) {
      match = matchRoute(routes, request.method, request.path, queryOf(request));
      if (match !== undefined) matches.set(request, match);
    }
    return match;
  };

  const decoderOf = compiledOnce((name): ((parts: RequestParts) => Into) => {
    const operation = model.operation(name);
    const members = operation?.input?.members ?? [];
    const readers = members.flatMap((member) => memberReader(model, member) ?? []);
    const payload = members.find((member) => member.traits.httpPayload === 1);
    const readPayload = payload === undefined ? undefined : payloadReader(model, format, payload);
    const inBody = members.filter(isInRequestBody);
    const readBody = inBody.length === 0 ? undefined : format.bodyReader(inBody);
    return (parts) => {
      const into: Into = {};
      const faults = format.faults();
      for (const read of readers) read(parts, into, faults);
      readPayload?.(parts.request.body, into, faults);
      readBody?.(parts.request.body, into, faults);
      faults.finish();
      return into;
    };
  });

  const encoderOf = compiledOnce((name): ((value: Values, requestId: string) => HttpResponse) => {
    const operation = model.operation(name);
    const shape = operation?.output;
    const members = shape?.members ?? [];
    const headers = headerWriters(model, members);
    const status = members.find((member) => member.traits.httpResponseCode === 1);
    const payload = members.find((member) => member.traits.httpPayload === 1);
    const writePayload = payload === undefined ? undefined : payloadWriter(model, format, payload);
    const inBody = members.filter(isInResponseBody);
    const writeBody = shape === undefined || inBody.length === 0 ? undefined : format.bodyWriter(shape, inBody);
    const contentType = payload === undefined ? format.contentType : payloadType(model, format, payload);
    const successStatus = operation?.traits.http?.[2] ?? 200;
    return (value, requestId) => {
      const code = status === undefined ? undefined : value[status.name];
      const body = writePayload === undefined ? (writeBody?.(value) ?? '') : writePayload(value);
      const all: Record<string, string> = { 'x-amzn-requestid': requestId };
      if (body.length > 0) all['content-type'] = contentType;
      return { status: typeof code === 'number' ? code : successStatus, headers: Object.assign(all, headers(value)), body };
    };
  });

  return {
    matchOf,
    decode(name, request) {
      const match = matchOf(request);
      return decoderOf(name)({ labels: match?.labels ?? new Map(), query: queryOf(request), request });
    },
    encode(name, value, requestId) {
      return encoderOf(name)(value, requestId);
    },
    errorHeaders: (shape, members) => headerWriters(model, shape.members)(members),
  };
}

function unreadableQuery(request: HttpRequest): AwsError | undefined {
  try {
    queryOf(request);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** The answer where no route fits (Smithy's name for it; AWS gives no message). */
export function noSuchRoute(request: HttpRequest): AwsError {
  return unreadableQuery(request) ?? new AwsError('UnknownOperationException', '', 404);
}

function queryOf(request: HttpRequest): Map<string, string[]> {
  const query = new Map<string, string[]>();
  eachParameter(request.query, (name, value) => {
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
  });
  return query;
}

function isInRequestBody({ traits }: Member): boolean {
  return isInResponseBody({ traits } as Member) && traits.httpLabel !== 1 && traits.httpQuery === undefined && traits.httpQueryParams !== 1; // only traits are read
}

/** In an answer, members bound to the path or the query stand in the body (Smithy: those bindings are ignored there). */
export function isInResponseBody({ traits }: Member): boolean {
  return (
    traits.httpHeader === undefined && traits.httpPrefixHeaders === undefined && traits.httpResponseCode !== 1 && traits.httpPayload !== 1
  );
}

/** The reader of a member that is bound to the path, the query or headers. */
function memberReader(model: Model, member: Member): ReadMember | undefined {
  const { traits, name } = member;
  const at = placeOf('', name);
  if (traits.httpLabel === 1) {
    const read = simpleReader(model, member);
    return ({ labels }, into, faults) => {
      const label = labels.get(name);
      if (label === undefined) faults.missing(at);
      else into[name] = read(decodeLabel(label), at, faults);
    };
  }
  if (traits.httpHeader !== undefined) {
    const header = traits.httpHeader.toLowerCase();
    const read = headerReader(model, member);
    return ({ request }, into, faults) => {
      const text = request.headers[header];
      if (text !== undefined) into[name] = read(text, at, faults);
      else if (member.required) faults.missing(at);
    };
  }
  if (traits.httpPrefixHeaders !== undefined) return prefixReader(name, traits.httpPrefixHeaders.toLowerCase());
  if (traits.httpQuery !== undefined) {
    const key = traits.httpQuery;
    const isList = model.shape(member.target).kind === 'list';
    const read = simpleReader(model, member);
    return ({ query }, into, faults) => {
      const values = query.get(key);
      if (values === undefined) {
        if (member.required) faults.missing(at);
      } else
        into[name] = isList ? values.map((value, i) => read(value, `${at}.${i + 1}.member`, faults)) : read(values[0] ?? '', at, faults);
    };
  }
  if (traits.httpQueryParams === 1) return queryMapReader(model, member);
  return undefined;
}

function prefixReader(name: string, prefix: string): ReadMember {
  return ({ request }, into) => {
    const map = Object.create(null) as Record<string, string>; // keys are the client's
    let found = false;
    for (const [header, value] of Object.entries(request.headers)) {
      if (value === undefined || !header.startsWith(prefix)) continue;
      map[header.slice(prefix.length)] = value;
      found = true;
    }
    if (found) into[name] = map;
  };
}

/** A map of the whole query, also of what other members are bound to: so Smithy's rules for servers say. */
function queryMapReader(model: Model, member: Member): ReadMember {
  const shape = model.shape(member.target);
  const isList = shape.kind === 'map' && model.shape(shape.value.target).kind === 'list';
  return ({ query }, into) => {
    const map = Object.create(null) as Record<string, unknown>; // keys are the client's
    for (const [key, values] of query) map[key] = isList ? values : (values[0] ?? '');
    if (query.size > 0) into[member.name] = map;
  };
}

function decodeLabel(label: string): string {
  try {
    return decodeURIComponent(label);
  } catch {
    throw new AwsError('SerializationException', 'The path is not percent-encoded UTF-8');
  }
}

function payloadReader(model: Model, format: BodyFormat, member: Member): (body: Buffer, into: Into, faults: ValidationFaults) => void {
  const shape = model.shape(member.target);
  const at = placeOf('', member.name);
  if (shape.kind === 'simple' && (shape.type === SIMPLE.blob || shape.type === SIMPLE.streamingBlob)) {
    return (body, into, faults) => {
      if (body.length > 0 || shape.type === SIMPLE.streamingBlob) into[member.name] = new Uint8Array(body);
      else if (member.required) faults.missing(at);
    };
  }
  const read =
    shape.kind === 'simple' && shape.type === SIMPLE.string
      ? (body: Buffer): unknown => body.toString('utf8')
      : format.payloadReader(member);
  return (body, into, faults) => {
    if (body.length > 0) into[member.name] = read(body, faults);
    else if (member.required) faults.missing(at);
  };
}

function payloadWriter(model: Model, format: BodyFormat, member: Member): (value: Values) => string | Buffer {
  const shape = model.shape(member.target);
  const isBytes = shape.kind === 'simple' && (shape.type === SIMPLE.blob || shape.type === SIMPLE.streamingBlob);
  const write = shape.kind === 'simple' && shape.type === SIMPLE.string ? String : isBytes ? undefined : format.payloadWriter(member);
  return (value) => {
    const payload = value[member.name];
    if (payload === undefined || payload === null) return '';
    return write === undefined ? Buffer.from(payload as Uint8Array | string) : write(payload); // blobs are bytes or text
  };
}

function payloadType(model: Model, format: BodyFormat, member: Member): string {
  if (member.traits.mediaType !== undefined) return member.traits.mediaType;
  const shape = model.shape(member.target);
  if (shape.kind !== 'simple' || shape.type === SIMPLE.document) return format.contentType;
  return shape.type === SIMPLE.string ? 'text/plain' : 'application/octet-stream';
}

/** A map's key as the end of a header's name. */
function headerName(key: string): string {
  return key.toLowerCase().replace(/[^!#$%&'*+.^_`|~0-9a-z-]/g, '-');
}

function headerWriters(model: Model, members: readonly Member[]): (value: Values) => Record<string, string> {
  const single = members.flatMap((member) =>
    member.traits.httpHeader === undefined
      ? []
      : [{ name: member.name, header: member.traits.httpHeader.toLowerCase(), write: headerWriter(model, member) }],
  );
  const prefixed = members.filter((member) => member.traits.httpPrefixHeaders !== undefined);
  return (value) => {
    const headers: Record<string, string> = {};
    for (const { name, header, write } of single) {
      const member = value[name];
      if (member !== undefined && member !== null) headers[header] = write(member);
    }
    for (const member of prefixed) {
      const prefix = (member.traits.httpPrefixHeaders ?? '').toLowerCase();
      const texts = (value[member.name] ?? {}) as Record<string, unknown>; // a map of texts, by the model
      for (const [key, text] of Object.entries(texts)) if (text != null) headers[prefix + headerName(key)] = headerText(String(text));
    }
    return headers;
  };
}
