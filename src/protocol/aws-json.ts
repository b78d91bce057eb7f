/** The JSON 1.0 and 1.1 protocols (SSM, Service Quotas, Cognito, ACM): the operation in `X-Amz-Target`, JSON in and out. */
import { compiledOnce } from '#protocol/compiled-once.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { ValidationFaults } from '#protocol/faults.ts';
import { headerText } from '#protocol/http-values.ts';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { JsonInput, parseJsonObject, wrongJsonType } from '#protocol/json-input.ts';
import { JsonOutput } from '#protocol/json-output.ts';
import type { Model } from '#protocol/model.ts';
import { errorFinder, messageMemberOf } from '#protocol/modelled-errors.ts';
import { idempotencyMemberOf, type Protocol } from '#protocol/protocol.ts';

export function createAwsJson(model: Model): Protocol {
  const input = new JsonInput(model, false);
  const output = new JsonOutput(model, false);
  const findError = errorFinder(model);
  const contentType = model.protocol === 'json-1.0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
  const targetPrefix = `${model.target}.`;

  // Cognito's model has no ValidationException: it tells of faults in its own.
  const hasError = (code: string): boolean => model.errors.some(([name]) => name === code);
  const faultCode =
    !hasError('ValidationException') && hasError('InvalidParameterException') ? 'InvalidParameterException' : 'ValidationException';

  const decoderOf = compiledOnce((name: string): Protocol['decode'] => {
    const read = input.members(model.operation(name)?.input?.members ?? []);
    return (_name, request) => {
      const value: Record<string, unknown> = {};
      const faults = new ValidationFaults(faultCode, wrongJsonType);
      read(parseJsonObject(request.body), value, '', faults);
      faults.finish();
      return value;
    };
  });

  const encoderOf = compiledOnce((name: string) => {
    const members = output.members(model.operation(name)?.output?.members ?? []);
    return (value: Readonly<Record<string, unknown>>) => `{${members(value)}}`;
  });

  /** JSON 1.0 writes whole shape ids, 1.1 plain names (Smithy, "AWS JSON protocols", error serialization). */
  const typeOf = (name: string, isModelled: boolean): string => {
    if (model.protocol !== 'json-1.0') return name;
    return isModelled ? `${model.namespace}#${name}` : `com.amazon.coral.service#${name}`;
  };

  const response = (status: number, body: string, requestId: string, more: Readonly<Record<string, string>> = {}): HttpResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...more },
    body,
  });

  return {
    operationOf(request) {
      const target = request.headers['x-amz-target'];
      if (target === undefined || !target.startsWith(targetPrefix)) return undefined;
      const name = target.slice(targetPrefix.length);
      return model.operation(name) === undefined ? undefined : name;
    },
    namedOperation: targetOperation,
    // AWS gives no message here.
    refusal: () => new AwsError('UnknownOperationException', ''),
    decode(name, request) {
      return decoderOf(name)(name, request);
    },
    encode(name, value, requestId) {
      return response(200, encoderOf(name)(value), requestId);
    },
    encodeError(error, requestId) {
      const modelled = findError(error);
      const name = modelled?.shapeName ?? error.code;
      const messageMember = messageMemberOf(modelled?.shape);
      let body = `{"__type":${JSON.stringify(typeOf(name, modelled !== undefined))}`;
      if (error.message !== '') body += `,${JSON.stringify(messageMember)}:${JSON.stringify(error.message)}`;
      const members = output.members((modelled?.shape.members ?? []).filter((member) => member.name !== messageMember))(error.members);
      if (members !== '') body += `,${members}`;
      return response(error.status, `${body}}`, requestId, { 'x-amzn-errortype': headerText(name) });
    },
    idempotencyMember: (name) => idempotencyMemberOf(model, name),
  };
}

/** What follows the last dot of `X-Amz-Target`. */
function targetOperation(request: HttpRequest): string | undefined {
  const target = request.headers['x-amz-target'];
  if (target === undefined || target === '') return undefined;
  return target.slice(target.lastIndexOf('.') + 1);
}
