/** What the ec2 query and query protocols read in common: the `Action` and its parameters, from the query string or a form body. */
import { AwsError } from '#protocol/aws-error.ts';
import { type Parameter, parameterTree, readParameters } from '#protocol/form.ts';
import type { HttpRequest } from '#protocol/http.ts';

/** Parameters of the request as such, not of the operation: the protocol's own and those of signatures, version 2 and 4. */
const REQUEST_PARAMETERS = new Set([
  'Action',
  'Version',
  'AWSAccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'SecurityToken',
  'Timestamp',
  'Expires',
]);

function isRequestParameter(name: string): boolean {
  return REQUEST_PARAMETERS.has(name) || /^x-amz-/i.test(name);
}

/** A request is asked for its operation before it is decoded; its parameters are parsed once, also when they cannot be read. */
const parsed = new WeakMap<HttpRequest, ReadonlyMap<string, string> | AwsError>();

function parsedOnce(request: HttpRequest): ReadonlyMap<string, string> | AwsError {
  let result = parsed.get(request);
  if (result === undefined) {
    try {
      result = readParameters(request);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      result = error;
    }
    parsed.set(request, result);
  }
  return result;
}

/** The request's parameters. @throws AwsError `MalformedQueryString` */
export function parametersOf(request: HttpRequest): ReadonlyMap<string, string> {
  const result = parsedOnce(request);
  if (result instanceof AwsError) throw result;
  return result;
}

/** Why the request's parameters cannot be read; undefined when they can. */
export function unreadable(request: HttpRequest): AwsError | undefined {
  const result = parsedOnce(request);
  return result instanceof AwsError ? result : undefined;
}

/** The `Action`; undefined when there is none or the request cannot be read. */
export function actionOf(request: HttpRequest): string | undefined {
  if (unreadable(request) !== undefined) return undefined;
  const action = parametersOf(request).get('Action');
  return action === '' ? undefined : action;
}

/** The operation's parameters as a tree. @throws AwsError `MalformedQueryString` */
export function inputParameters(request: HttpRequest, isMember: (name: string) => boolean): Parameter {
  return parameterTree(parametersOf(request), (name) => isRequestParameter(name) && !isMember(name));
}
