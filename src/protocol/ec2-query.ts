/** The ec2 query protocol: parameters in, XML out, with EC2's own spellings, answers and error words. */
import { compiledOnce } from '#protocol/compiled-once.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { Expected, Faults } from '#protocol/faults.ts';
import type { HttpResponse } from '#protocol/http.ts';
import { echo } from '#protocol/limits.ts';
import type { Member, Model } from '#protocol/model.ts';
import { idempotencyMemberOf, type Protocol } from '#protocol/protocol.ts';
import { QueryInput } from '#protocol/query-input.ts';
import { actionOf, inputParameters, parametersOf, unreadable } from '#protocol/query-request.ts';
import { escapeXml, XmlOutput } from '#protocol/xml-output.ts';

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A name in a request: `ec2QueryName`, else the XML or member name with a capital (Smithy, "AWS EC2 query protocol"). */
function wireName(member: Member): string {
  const { ec2QueryName, xmlName } = member.traits;
  if (ec2QueryName !== undefined) return ec2QueryName;
  const name = xmlName ?? member.name;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** EC2 names the first fault it meets. */
const faults: Faults = {
  missing(_at, wire) {
    throw new AwsError('MissingParameter', `The request must contain the parameter ${wire}`);
  },
  notInEnum(_at, wire, value) {
    const name = leafOf(wire);
    if (name === 'InstanceType') throw new AwsError('InvalidParameterValue', `Invalid value '${echo(value)}' for InstanceType.`);
    throw invalidValue(wire, value, 'The value is not one of those allowed.');
  },
  malformed(_at, wire, value, expected) {
    if (expected === 'structure' || expected === 'list' || expected === 'map') throw unknownParameter(wire);
    throw invalidValue(wire, value, `Expecting ${ARTICLES[expected]}.`);
  },
  unknown(wire) {
    throw unknownParameter(wire);
  },
  finish() {
    // Each fault was thrown where it was met.
  },
};

const ARTICLES: Readonly<Record<Exclude<Expected, 'structure' | 'list' | 'map'>, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  timestamp: 'a timestamp',
  blob: 'base64',
};

function unknownParameter(wire: string): AwsError {
  return new AwsError('UnknownParameter', `The parameter ${echo(wire)} is not recognized`);
}

function invalidValue(wire: string, value: string, why: string): AwsError {
  const name = leafOf(wire);
  return new AwsError(
    'InvalidParameterValue',
    `Value (${echo(value)}) for parameter ${name.charAt(0).toLowerCase()}${name.slice(1)} is invalid. ${why}`,
  );
}

/** The last name that is not an index: `Filter.1.Name` gives `Name`, `InstanceId.3` gives `InstanceId`. */
function leafOf(wire: string): string {
  const parts = wire.split('.');
  return parts.findLast((part) => !/^\d+$/.test(part)) ?? wire;
}

export function createEc2Query(model: Model): Protocol {
  const input = new QueryInput(model, { memberName: wireName, listPart: () => undefined });
  const output = new XmlOutput(model, 'date-time-millis');

  const decoderOf = compiledOnce((name: string): Protocol['decode'] => {
    const shape = model.operation(name)?.input;
    const decode = input.structure(shape ?? { kind: 'structure', name: '', traits: {}, union: false, members: [] });
    const names = new Set(shape?.members.map(wireName));
    return (_name, request) =>
      decode(
        inputParameters(request, (parameter) => names.has(parameter)),
        faults,
      );
  });

  const encoderOf = compiledOnce((name: string) => {
    const shape = model.operation(name)?.output;
    const open = `${XML_HEAD}<${name}Response xmlns="${model.xmlNamespace ?? ''}/"><requestId>`;
    const close = `</${name}Response>`;
    // Operations without an answer of their own say that they worked (EC2 API reference, e.g. DeleteVpc).
    if (shape === undefined) return (_value: unknown, requestId: string) => `${open}${requestId}</requestId><return>true</return>${close}`;
    const body = output.body(shape);
    return (value: Readonly<Record<string, unknown>>, requestId: string) => `${open}${requestId}</requestId>${body(value)}${close}`;
  });

  /** EC2 still answers to every version it ever had; the members that a newer one added are no harm to an older client. */
  const isKnownVersion = (version: string | undefined): boolean =>
    version === undefined || (/^\d{4}-\d{2}-\d{2}$/.test(version) && version >= '2006-06-26' && version <= model.version);

  return {
    operationOf(request) {
      const action = actionOf(request);
      if (action === undefined || model.operation(action) === undefined) return undefined;
      return isKnownVersion(parametersOf(request).get('Version')) ? action : undefined;
    },
    namedOperation: actionOf,
    refusal(request) {
      const malformed = unreadable(request);
      if (malformed !== undefined) return malformed;
      const action = actionOf(request);
      if (action === undefined) return new AwsError('MissingAction', 'The request must contain the parameter Action');
      const version = parametersOf(request).get('Version');
      if (!isKnownVersion(version))
        return new AwsError('NoSuchVersion', `The requested version (${echo(version ?? '')}) of service ${model.target} does not exist`);
      return new AwsError('InvalidAction', `The action ${echo(action)} is not valid for this web service.`);
    },
    decode(name, request) {
      return decoderOf(name)(name, request);
    },
    encode(name, value, requestId) {
      return xmlResponse(200, encoderOf(name)(value, requestId), requestId);
    },
    encodeError(error, requestId) {
      const body = `<Response><Errors><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors>`;
      return xmlResponse(error.status, `${XML_HEAD}${body}<RequestID>${requestId}</RequestID></Response>`, requestId);
    },
    idempotencyMember: (name) => idempotencyMemberOf(model, name),
  };
}

function xmlResponse(status: number, body: string, requestId: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body };
}
