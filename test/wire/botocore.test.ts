/** Every operation of every service against botocore, which boto3 and the aws CLI speak through: both ways, generated values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRACTIONAL_MEMBERS } from '../../scripts/fractional-members.ts';
import { modelText, SERVICES } from '../../scripts/schemas.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { createProtocol } from '#protocol/create-protocol.ts';
import { parseModel } from '#protocol/model.ts';
import { askBotocore, botocoreAbsence, fractionalMembers, marked, type WireCase, type WireResult } from '#test/wire/botocore.ts';
import { canonical, Choices, drawStructure, rulesOf } from '#test/wire/schema-values.ts';
import { requestOf } from '#test/wire/sdk-request.ts';

const absence = botocoreAbsence();
const REQUEST_ID = 'd5cf6d5b-8d3f-4b2a-9d0e-000000000000';
const RUNS_PER_OPERATION = 2;

const models = Object.entries(SERVICES).map(([service, packageName]) => {
  const model = parseModel(modelText(service, packageName));
  return { service, model, protocol: createProtocol(model) };
});

/** botocore writes JSON's timestamps in whole seconds. */
function wholeSeconds(value: unknown): unknown {
  if (value instanceof Date) return new Date(Math.floor(value.getTime() / 1000) * 1000);
  return mapMembers(value, wholeSeconds);
}

/** Without empty structures: a query cannot say them, and a structure of which botocore knows no member is one. */
function pruned(value: unknown): unknown {
  const copy = mapMembers(value, pruned);
  if (Array.isArray(copy)) return copy.filter((item) => !isEmpty(item));
  if (typeof copy !== 'object' || copy === null || copy instanceof Uint8Array) return copy;
  return mapMembers(copy, (member) => (isEmpty(member) ? undefined : member));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && Object.keys(value).length === 0;
}

function mapMembers(value: unknown, change: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  const copy = Object.create(null) as Record<string, unknown>; // a key may be `__proto__`
  for (const [key, member] of Object.entries(value)) {
    const changed = change(member);
    if (changed !== undefined) copy[key] = changed;
  }
  return copy;
}

/** Models of several ages do not agree on which page sizes are numbers; on the wire of REST-XML they are the same. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return `${value}`;
  return mapMembers(value, numbersAsText);
}

describe('botocore', () => {
  for (const { service, model, protocol } of models) {
    const isForm = model.protocol === 'ec2' || model.protocol === 'query';
    const [inputRules, outputRules] = rulesOf(model);

    const drawCase = (choices: Choices, operation: string): WireCase => {
      const shape = model.operation(operation);
      const input = wholeSeconds(drawStructure(choices, model, shape?.input, inputRules));
      const output = drawStructure(choices, model, shape?.output, outputRules);
      const { status, headers, body } = protocol.encode(operation, output, REQUEST_ID);
      return { service, operation, input, output, answer: { status, headers, body: String(body) } };
    };

    /** Where a newer model has the only member of a required structure, an older botocore leaves that structure out. */
    const isOnlyOlder = (one: WireCase, result: WireResult, error: unknown): boolean =>
      isForm && error instanceof AwsError && error.code === 'MissingParameter' && canonical(marked(one.input)) !== canonical(result.input);

    const check = ({ operation }: WireCase, { mismatch, requestId, request, input }: WireResult): void => {
      expect({ operation, mismatch }).toEqual({ operation, mismatch: null });
      expect(requestId).toBe(REQUEST_ID);
      const ours = requestOf(request);
      expect(protocol.operationOf(ours)).toBe(operation);
      const read = marked(protocol.decode(operation, ours));
      const expected = isForm ? [pruned(read), pruned(input)] : [numbersAsText(read), numbersAsText(input)];
      expect(`${operation} ${canonical(expected[0])}`).toBe(`${operation} ${canonical(expected[1])}`);
    };

    test(`writes what we read, reads what we write, for all of ${service}`, (context) => {
      if (absence !== undefined) context.skip(absence);
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const choices = new Choices(seed);
          const operations = Array.from({ length: RUNS_PER_OPERATION }, () => model.operations).flat();
          const cases = operations.map((operation) => drawCase(choices, operation));
          let known = 0;
          for (const [i, result] of askBotocore(cases).entries()) {
            const one = cases[i];
            if (result === null || one === undefined) continue;
            known++;
            try {
              check(one, result);
            } catch (error) {
              if (!isOnlyOlder(one, result, error)) throw error;
            }
          }
          expect(known).toBeGreaterThan(cases.length / 3);
        }),
        { numRuns: 1, endOnFailure: true },
      );
    });

    test(`reads the errors of ${service}`, (context) => {
      if (absence !== undefined) context.skip(absence);
      // Several, for an older botocore may lack the newest of them.
      const cases = model.operations.slice(0, 20).map((operation) => {
        const { status, headers, body } = protocol.encodeError(new AwsError('Some.Code', 'Not <this> & "that"'), REQUEST_ID, operation);
        const input = isForm ? {} : wholeSeconds(drawStructure(new Choices(1), model, model.operation(operation)?.input, inputRules)); // what paths need
        return { service, operation, input, output: {}, answer: { status, headers, body: String(body) } };
      });
      const result = askBotocore(cases).find((one) => one !== null);
      expect(result?.error).toMatchObject({ Code: 'Some.Code', Message: 'Not <this> & "that"' });
      expect(result?.requestId).toBe(REQUEST_ID);
    });
  }

  test('knows the same members with fractions as our list', (context) => {
    if (absence !== undefined) context.skip(absence);
    const known = fractionalMembers(Object.keys(SERVICES));
    // An older botocore may lack the newest of them.
    expect(known.filter((member) => !FRACTIONAL_MEMBERS.has(member))).toEqual([]);
    expect(known.length).toBeGreaterThan(FRACTIONAL_MEMBERS.size / 2);
  });
});
