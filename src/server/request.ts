/** A request's life, from bytes to bytes: the one list of what happens to every AWS call. */
import { randomUUID } from 'node:crypto';
import { once } from '#aws/client-tokens.ts';
import type { Observations, OperationContext } from '#aws/context.ts';
import { dryRunOperation, notImplemented } from '#aws/errors.ts';
import type { AnyOperation, Service } from '#aws/operation.ts';
import { regions } from '#aws/regions.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { echo } from '#protocol/limits.ts';
import { loadModel } from '#protocol/model.ts';
import type { Protocol } from '#protocol/protocol.ts';
import { type Credential, readCredential } from '#protocol/sigv4.ts';
import { refuse } from '#protocol/sigv4-refusal.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import { escapeXml } from '#protocol/xml-output.ts';
import type { Authenticate, Authorize, Caller, Origin } from '#server/authentication.ts';
import { anonymousCaller } from '#server/anonymous.ts';
import { pooledRandomBytes } from '#server/random-pool.ts';
import { untilReady } from '#server/readiness.ts';
import { type ServiceEntry, serviceOf } from '#server/services.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** What is known of a call when it has been answered: for the log and the metrics. */
export interface CallRecord {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly status: number;
  /** AWS's error code; undefined for a success. */
  readonly code: string | undefined;
  readonly ms: number;
}

export interface ResponderOptions {
  readonly store: Store;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  /** The Region of requests that name none. */
  readonly region: string;
  readonly quotasOn: boolean;
  /** What data planes see. */
  readonly observed: Observations;
  readonly answered: (call: CallRecord) => void;
  /** An impossible error: a mistake of ours, answered as InternalError. */
  readonly failed: (error: unknown, requestId: string) => void;
  readonly now?: () => number;
}

interface Mounted {
  readonly entry: ServiceEntry;
  readonly service: Service;
  readonly protocol: Protocol;
}

/** The state of one request as it passes the steps. */
interface Call {
  readonly request: HttpRequest;
  readonly origin: Origin | undefined;
  readonly credential: Credential | undefined;
  readonly requestId: string;
  readonly startMs: number;
  mounted?: Mounted;
  operation?: string;
  caller?: Caller;
}

export function createResponder(options: ResponderOptions): (request: HttpRequest, origin?: Origin) => Promise<HttpResponse> {
  const now = options.now ?? Date.now;
  return async (request, origin) => {
    const call: Call = { request, origin, credential: readCredential(request), requestId: randomUUID(), startMs: performance.now() };
    try {
      const response = await answer(call, options, now);
      report(call, options, response.status, undefined);
      return response;
    } catch (thrown) {
      const error = expected(thrown, call, options);
      const response = encodeFailure(call, error);
      report(call, options, response.status, error.code);
      return response;
    }
  };
}

/** The steps, in order. */
async function answer(call: Call, options: ResponderOptions, now: () => number): Promise<HttpResponse> {
  const nowMs = now();
  const mounted = mount(call) ?? (await load(call));
  call.mounted = mounted;
  const { entry, service, protocol } = mounted;
  const isUnsigned = service.unsigned?.has(protocol.operationOf(call.request) ?? '') === true;
  const caller = isUnsigned
    ? anonymousCaller(call.request, options.region)
    : options.authenticate({ request: call.request, credential: call.credential, entry, nowMs });
  call.caller = caller;
  if (!service.global) requireRegion(entry, caller.region);
  const operation = nameOperation(call, mounted);
  const run = service.operations[operation];
  if (!run) throw notImplemented(entry.name, operation);
  const input = protocol.decode(operation, call.request);
  if (!isUnsigned) options.authorize({ entry, operation, input, caller, nowMs, request: call.request, origin: call.origin });
  if (service.tellsOfUnsettled?.has(operation) === true)
    await options.observed.settling({ account: caller.principal.account, region: service.global ? 'global' : caller.region });
  if (service.isReady !== undefined) await untilReady(options.store, (reader) => service.isReady?.(reader, operation, input) ?? true);
  const ready = { requestId: call.requestId, nowMs, mounted, caller, operation, input };
  const output = await transact(ready, run, options);
  if (output instanceof AwsError) throw output;
  return protocol.encode(operation, output, call.requestId);
}

/**
 * Refuses a Region that AWS does not have. EC2 would not say what was wrong with the credentials; here it helps.
 * @throws AwsError with the service's code for a signature that does not hold
 */
function requireRegion(entry: ServiceEntry, region: string): void {
  if (regions.has(region)) return;
  const { code, status } = refuse(entry.family, { kind: 'mismatch' });
  throw new AwsError(code, `Credential should be scoped to a valid region, not '${echo(region)}'. `, status);
}

const mountedServices = new Map<ServiceEntry, Mounted>();

/** The service when it is loaded already; so that the hot path waits for nothing. */
function mount({ request, credential }: Call): Mounted | undefined {
  const entry = serviceOf(request, credential);
  return typeof entry === 'object' ? mountedServices.get(entry) : undefined;
}

async function load({ request, credential }: Call): Promise<Mounted> {
  const entry = serviceOf(request, credential);
  if (typeof entry !== 'object') throw unknownService(entry);
  const service = await entry.load();
  const mounted = mountedServices.get(entry) ?? { entry, service, protocol: createProtocol(loadModel(entry.name)) };
  mountedServices.set(entry, mounted);
  return mounted;
}

function nameOperation(call: Call, { protocol }: Mounted): string {
  const operation = protocol.operationOf(call.request);
  if (operation === undefined) throw protocol.refusal(call.request);
  call.operation = operation;
  return operation;
}

/** A call that has passed every question: all that is left is to do it. */
interface Ready {
  readonly requestId: string;
  readonly nowMs: number;
  readonly mounted: Mounted;
  readonly caller: Caller;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

function partitionOf({ caller, mounted }: Ready): Partition {
  return { account: caller.principal.account, region: mounted.service.global ? 'global' : caller.region };
}

/** All of a context but its view of the records. */
function surroundings({ requestId, nowMs, caller: { principal, region } }: Ready, options: ResponderOptions): Omit<OperationContext, 'tx'> {
  const { quotasOn, observed } = options;
  return { account: principal.account, region, principal, requestId, nowMs, randomBytes: pooledRandomBytes, quotasOn, observed };
}

function transact(ready: Ready, run: AnyOperation, options: ResponderOptions): Promise<Record<string, unknown> | AwsError> {
  const { operation, input } = ready;
  const { service, protocol } = ready.mounted;
  const dryRun = input['DryRun'] === true;
  const member = dryRun ? undefined : (protocol.idempotencyMember(operation) ?? 'ClientToken');
  const given = surroundings(ready, options);
  return options.store.transact(
    partitionOf(ready),
    (tx) => {
      const context: OperationContext = { ...given, tx };
      service.prepare?.(context);
      const output = member === undefined ? run(context, input) : once(context, operation, member, input, () => run(context, input));
      if (dryRun) throw dryRunOperation();
      return output;
    },
    { dryRun },
  );
}

function expected(thrown: unknown, call: Call, options: ResponderOptions): AwsError {
  if (thrown instanceof AwsError) return thrown;
  options.failed(thrown, call.requestId);
  return new AwsError('InternalError', `An internal error has occurred (request ${call.requestId}); Keiro's log says more.`, 500);
}

function encodeFailure(call: Call, error: AwsError): HttpResponse {
  if (call.mounted) return call.mounted.protocol.encodeError(error, call.requestId, call.operation);
  return plainError(call.request, error, call.requestId);
}

/** An error before the service, and so its protocol, is known. */
export function plainError(request: Pick<HttpRequest, 'headers'>, error: AwsError, requestId: string): HttpResponse {
  const isJson = request.headers['x-amz-target'] !== undefined || (request.headers['content-type'] ?? '').includes('json');
  if (isJson) {
    const body = JSON.stringify({ __type: error.code, message: error.message });
    return { status: error.status, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId }, body };
  }
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${escapeXml(error.code)}</Code>` +
    `<Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
  return { status: error.status, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body };
}

function unknownService(name: string | undefined): AwsError {
  if (name === undefined) {
    return new AwsError(
      'MissingAuthenticationToken',
      'The request names no AWS service: it is not signed and has no known host, target or version.',
      403,
    );
  }
  return new AwsError('NotImplemented', `Keiro does not have the AWS service '${echo(name)}'. 'keiro coverage' lists what it has.`, 501);
}

function report(call: Call, options: ResponderOptions, status: number, code: string | undefined): void {
  const { caller } = call;
  options.answered({
    requestId: call.requestId,
    service: call.mounted?.entry.name ?? '-',
    operation: call.operation ?? '-',
    account: caller?.principal.account ?? '-',
    region: caller?.region ?? '-',
    status,
    code,
    ms: performance.now() - call.startMs,
  });
}
