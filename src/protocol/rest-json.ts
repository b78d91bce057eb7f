/** The REST-JSON protocol (API Gateway, Lambda): operations by method and path, JSON bodies, errors named in a header. */
import { ValidationFaults } from '#protocol/faults.ts';
import { headerText } from '#protocol/http-values.ts';
import { JsonInput, parseJson, parseJsonObject, wrongJsonType } from '#protocol/json-input.ts';
import { JsonOutput } from '#protocol/json-output.ts';
import type { Model } from '#protocol/model.ts';
import { errorFinder, messageMemberOf } from '#protocol/modelled-errors.ts';
import { idempotencyMemberOf, type Protocol } from '#protocol/protocol.ts';
import { type BodyFormat, createRestBinding, isInResponseBody, noSuchRoute } from '#protocol/rest.ts';

const CONTENT_TYPE = 'application/json';

function jsonFormat(input: JsonInput, output: JsonOutput): BodyFormat {
  return {
    contentType: CONTENT_TYPE,
    bodyReader(members) {
      const read = input.members(members);
      return (body, into, faults) => read(parseJsonObject(body), into, '', faults);
    },
    payloadReader(member) {
      const read = input.part(member);
      return (body, faults) => read(parseJson(body), member.name, faults);
    },
    bodyWriter(_shape, members) {
      const write = output.members(members);
      return (value) => `{${write(value)}}`;
    },
    payloadWriter: (member) => output.part(member),
    faults: () => new ValidationFaults('ValidationException', wrongJsonType),
  };
}

export function createRestJson(model: Model): Protocol {
  const output = new JsonOutput(model, true);
  const rest = createRestBinding(model, jsonFormat(new JsonInput(model, true), output));
  const findError = errorFinder(model);
  return {
    operationOf: (request) => rest.matchOf(request)?.route.operation,
    namedOperation: (request) => `${request.method} ${request.path}`,
    refusal: noSuchRoute,
    decode: rest.decode,
    encode: rest.encode,
    encodeError(error, requestId) {
      const modelled = findError(error);
      const name = modelled?.shapeName ?? error.code;
      const messageMember = messageMemberOf(modelled?.shape);
      const members = (modelled?.shape.members ?? []).filter((member) => member.name !== messageMember && isInResponseBody(member));
      const more = output.members(members)(error.members);
      const message = error.message === '' ? '' : `${JSON.stringify(messageMember)}:${JSON.stringify(error.message)}`;
      return {
        status: error.status,
        headers: {
          'content-type': CONTENT_TYPE,
          'x-amzn-requestid': requestId,
          'x-amzn-errortype': headerText(name),
          ...(modelled === undefined ? {} : rest.errorHeaders(modelled.shape, error.members)),
        },
        body: `{${[message, more].filter((part) => part !== '').join(',')}}`,
      };
    },
    idempotencyMember: (name) => idempotencyMemberOf(model, name),
  };
}
