/** The REST-XML protocol (Route 53): operations by method and path, XML bodies and errors. */
import { AwsError } from '#protocol/aws-error.ts';
import { type Expected, ValidationFaults } from '#protocol/faults.ts';
import { echo } from '#protocol/limits.ts';
import type { Model } from '#protocol/model.ts';
import { errorFinder } from '#protocol/modelled-errors.ts';
import { idempotencyMemberOf, type Protocol } from '#protocol/protocol.ts';
import { type BodyFormat, createRestBinding, isInResponseBody, noSuchRoute } from '#protocol/rest.ts';
import { XmlInput } from '#protocol/xml-input.ts';
import { escapeXml, XmlOutput } from '#protocol/xml-output.ts';
import { parseXml, type XmlElement, XmlFault } from '#protocol/xml-parse.ts';

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const CONTENT_TYPE = 'text/xml';
/** Route 53's code for input that it cannot read (API reference, "Common errors", and each operation's). */
const INVALID_INPUT = 'InvalidInput';

function malformed(value: string, expected: Expected): AwsError {
  return new AwsError(INVALID_INPUT, `Invalid XML ; '${echo(value)}' is not a valid value for '${expected}'.`);
}

function readXml(body: Buffer): XmlElement {
  try {
    return parseXml(body);
  } catch (error) {
    if (error instanceof XmlFault) throw new AwsError(INVALID_INPUT, `Invalid XML ; ${error.message}`);
    throw error;
  }
}

function xmlFormat(model: Model, input: XmlInput, output: XmlOutput): BodyFormat {
  const xmlns = model.xmlNamespace === undefined ? '' : ` xmlns="${escapeXml(model.xmlNamespace)}"`;
  return {
    contentType: CONTENT_TYPE,
    bodyReader(members) {
      const read = input.members(members);
      return (body, into, faults) => read(body.length === 0 ? undefined : readXml(body), into, '', faults);
    },
    payloadReader(member) {
      const read = input.part(member);
      return (body, faults) => read([readXml(body)], member.name, faults);
    },
    bodyWriter(shape, members) {
      const name = shape.traits.xmlName ?? shape.name;
      const write = output.members(members);
      return (value) => `${XML_HEAD}<${name}${xmlns}>${write(value)}</${name}>`;
    },
    payloadWriter(member) {
      const shape = model.shape(member.target);
      const ownName = shape.kind === 'structure' ? (shape.traits.xmlName ?? shape.name) : member.name;
      const write = output.element(member, member.traits.xmlName ?? ownName, xmlns);
      return (value) => XML_HEAD + write(value);
    },
    faults: () => new ValidationFaults(INVALID_INPUT, malformed),
  };
}

export function createRestXml(model: Model): Protocol {
  const output = new XmlOutput(model, 'date-time-millis');
  const rest = createRestBinding(model, xmlFormat(model, new XmlInput(model), output));
  const findError = errorFinder(model);
  const xmlns = model.xmlNamespace === undefined ? '' : ` xmlns="${escapeXml(model.xmlNamespace)}"`;
  return {
    operationOf: (request) => rest.matchOf(request)?.route.operation,
    namedOperation: (request) => `${request.method} ${request.path}`,
    refusal: noSuchRoute,
    decode: rest.decode,
    encode: rest.encode,
    encodeError(error, requestId) {
      const modelled = findError(error);
      const members = (modelled?.shape.members ?? []).filter(
        (member) => member.name.toLowerCase() !== 'message' && isInResponseBody(member),
      );
      const code = `<Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(modelled?.shapeName ?? error.code)}</Code>`;
      const body = `<Error>${code}<Message>${escapeXml(error.message)}</Message>${output.members(members)(error.members)}</Error>`;
      return {
        status: error.status,
        headers: {
          'content-type': CONTENT_TYPE,
          'x-amzn-requestid': requestId,
          ...(modelled === undefined ? {} : rest.errorHeaders(modelled.shape, error.members)),
        },
        body: `${XML_HEAD}<ErrorResponse${xmlns}>${body}<RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    },
    idempotencyMember: (name) => idempotencyMemberOf(model, name),
  };
}
