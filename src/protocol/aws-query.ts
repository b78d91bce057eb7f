/** The query protocol (IAM, STS, classic Elastic Load Balancing): parameters in, XML with a result and metadata out. */
import { compiledOnce } from '#protocol/compiled-once.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { ValidationFaults } from '#protocol/faults.ts';
import type { HttpResponse } from '#protocol/http.ts';
import { echo } from '#protocol/limits.ts';
import type { Member, Model } from '#protocol/model.ts';
import { errorFinder } from '#protocol/modelled-errors.ts';
import { idempotencyMemberOf, type Protocol } from '#protocol/protocol.ts';
import { QueryInput } from '#protocol/query-input.ts';
import { actionOf, inputParameters, parametersOf, unreadable } from '#protocol/query-request.ts';
import { escapeXml, XmlOutput } from '#protocol/xml-output.ts';

/** A name in a request: the XML name, else the member's (Smithy, "AWS query protocol"). */
function wireName(member: Member): string {
  return member.traits.xmlName ?? member.name;
}

function malformedInput(value: string, expected: string): AwsError {
  return new AwsError(
    'MalformedInput',
    `Value '${echo(value)}' can not be converted to ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`,
  );
}

export function createAwsQuery(model: Model): Protocol {
  const input = new QueryInput(model, {
    memberName: wireName,
    listPart: (list, element) => (list.xmlFlattened === 1 ? undefined : (element.xmlName ?? 'member')),
  });
  const output = new XmlOutput(model, 'date-time');
  const findError = errorFinder(model);
  const xmlns = ` xmlns="${escapeXml(model.xmlNamespace ?? '')}"`;

  const decoderOf = compiledOnce((name: string): Protocol['decode'] => {
    const shape = model.operation(name)?.input;
    if (shape === undefined) return () => ({});
    const decode = input.structure(shape);
    const names = new Set(shape.members.map(wireName));
    return (_name, request) => {
      const faults = new ValidationFaults('ValidationError', malformedInput);
      const value = decode(
        inputParameters(request, (parameter) => names.has(parameter)),
        faults,
      );
      faults.finish();
      return value;
    };
  });

  const encoderOf = compiledOnce((name: string) => {
    const shape = model.operation(name)?.output;
    const open = `<${name}Response${xmlns}>`;
    const close = (requestId: string): string =>
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    if (shape === undefined) return (_value: unknown, requestId: string) => open + close(requestId);
    const body = output.body(shape);
    return (value: Readonly<Record<string, unknown>>, requestId: string) =>
      `${open}<${name}Result>${body(value)}</${name}Result>${close(requestId)}`;
  });

  /** Old and new versions differ in their operations, so a version that the model is not is refused as AWS does. */
  const isOurVersion = (parameters: ReadonlyMap<string, string>): boolean => parameters.get('Version') === model.version;

  return {
    operationOf(request) {
      const action = actionOf(request);
      return action !== undefined && model.operation(action) !== undefined && isOurVersion(parametersOf(request)) ? action : undefined;
    },
    namedOperation: actionOf,
    refusal(request) {
      const malformed = unreadable(request);
      if (malformed !== undefined) return malformed;
      const action = actionOf(request);
      if (action === undefined) return new AwsError('MissingAction', 'The request is missing an action or a required parameter.');
      const version = parametersOf(request).get('Version') ?? 'NO_VERSION_SPECIFIED';
      return new AwsError('InvalidAction', `Could not find operation ${echo(action)} for version ${echo(version)}`);
    },
    decode(name, request) {
      return decoderOf(name)(name, request);
    },
    encode(name, value, requestId) {
      return xmlResponse(200, encoderOf(name)(value, requestId), requestId);
    },
    encodeError(error, requestId) {
      const modelled = findError(error);
      const status = modelled?.status ?? error.status;
      const type = status < 500 ? 'Sender' : 'Receiver';
      const code = escapeXml(modelled?.code ?? error.code);
      const members =
        modelled === undefined
          ? ''
          : output.members(modelled.shape.members.filter(({ name }) => name.toLowerCase() !== 'message'))(error.members);
      const body = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message>${members}</Error>`;
      return xmlResponse(status, `<ErrorResponse${xmlns}>${body}<RequestId>${requestId}</RequestId></ErrorResponse>`, requestId);
    },
    idempotencyMember: (name) => idempotencyMemberOf(model, name),
  };
}

function xmlResponse(status: number, body: string, requestId: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
