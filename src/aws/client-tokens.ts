/** Client tokens: the same token gives the same answer, once (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html). */
import { createHash } from 'node:crypto';
import type { OperationContext } from '#aws/context.ts';
import { idempotentParameterMismatch } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

/** How long a token is remembered: at least AWS's 24 hours. */
const tokenLifeMs = 24 * 60 * 60 * 1000;

interface ClientTokenRecord extends StoreRecord {
  readonly parameters: string;
  readonly output: unknown;
  readonly createdMs: number;
}

const clientTokenTable = defineTable<ClientTokenRecord>()('aws.client-token');

type Values = Record<string, unknown>;

/**
 * Runs `work` unless this token has already been answered with the same parameters.
 * @throws AwsError IdempotentParameterMismatch for the same token with other parameters.
 */
export function once(
  context: OperationContext,
  operation: string,
  member: string,
  input: Values,
  work: () => Values | AwsError,
): Values | AwsError {
  const token = input[member];
  if (typeof token !== 'string' || token === '') return work();
  const { tx, nowMs } = context;
  const id = `${operation}|${token}`;
  const parameters = createHash('sha256')
    .update(JSON.stringify(toPlain(input)))
    .digest('base64url');
  const known = tx.get(clientTokenTable, id);
  if (known && known.createdMs > nowMs - tokenLifeMs) {
    if (known.parameters !== parameters) throw idempotentParameterMismatch();
    return fromPlain(known.output) as Values; // what toPlain made of an output
  }
  const output = work();
  if (output instanceof AwsError) return output; // the same call may succeed another time
  forgetOld(context);
  tx.delete(clientTokenTable, id);
  tx.put(clientTokenTable, { id, parameters, output: toPlain(output), createdMs: nowMs });
  return output;
}

/** Tokens are listed in the order of their creation, so the old ones come first. */
function forgetOld({ tx, nowMs }: OperationContext): void {
  const old: string[] = [];
  for (const record of tx.list(clientTokenTable)) {
    if (record.createdMs > nowMs - tokenLifeMs) break;
    old.push(record.id);
  }
  for (const id of old) tx.delete(clientTokenTable, id);
}

/** JSON keeps neither dates nor bytes: they are marked. */
function toPlain(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, toPlain(one)]])));
}

function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value) return new Date(Number(value.$date));
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'base64');
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromPlain(one)]));
}
