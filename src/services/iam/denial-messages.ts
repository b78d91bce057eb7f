/** Encoded authorization messages: why a call was denied, told to those who may ask STS (https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Principal } from '#aws/context.ts';
import type { PrincipalAccess } from '#services/iam/access.ts';
import type { AccessRequest, AccessVerdict, MatchedStatement } from '#services/iam/evaluation.ts';
import type { Pattern } from '#services/iam/patterns.ts';
import { keyPartition } from '#services/iam/tables.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';
import type { Reader, Transaction } from '#store/store.ts';

/** In `keyPartition`, one record: the key that messages are encrypted with. */
interface MessageKeyRecord extends StoreRecord {
  readonly key: string;
}

const messageKeyTable = defineTable<MessageKeyRecord>()('iam.message-key');
const keyId = 'key';
const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
/** AWS takes messages of up to 10,240 characters; a JSON text that does not fit is not worth encoding. */
const inflatedBytes = 256 * 1024;

/** Makes the key of this Keiro unless there is one. */
export function ensureMessageKey(tx: Transaction, randomBytes: (count: number) => Buffer): void {
  const keys = tx.in(keyPartition);
  if (!keys.get(messageKeyTable, keyId)) keys.put(messageKeyTable, { id: keyId, key: randomBytes(32).toString('base64') });
}

function messageKey(reader: Reader): Buffer | undefined {
  const record = reader.in(keyPartition).get(messageKeyTable, keyId);
  return record && Buffer.from(record.key, 'base64');
}

/** Base64url; undefined when this Keiro has no key. */
export function encodeMessage(reader: Reader, text: string, randomBytes: (count: number) => Buffer): string | undefined {
  const key = messageKey(reader);
  if (!key) return undefined;
  const iv = randomBytes(ivBytes);
  const encryption = createCipheriv(cipher, key, iv);
  const body = Buffer.concat([encryption.update(deflateRawSync(text)), encryption.final()]);
  return Buffer.concat([iv, encryption.getAuthTag(), body]).toString('base64url');
}

/** The text of a message that this Keiro encoded; undefined for any other. */
export function decodeMessage(reader: Reader, message: string): string | undefined {
  const key = messageKey(reader);
  const bytes = Buffer.from(message, 'base64url');
  if (!key || bytes.length <= ivBytes + tagBytes) return undefined;
  try {
    const decryption = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decryption.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const body = Buffer.concat([decryption.update(bytes.subarray(ivBytes + tagBytes)), decryption.final()]);
    return inflateRawSync(body, { maxOutputLength: inflatedBytes }).toString();
  } catch {
    return undefined;
  }
}

const items = <T>(list: readonly T[]) => ({ items: list });
const valueItems = (values: readonly string[]) => items(values.map((value) => ({ value })));

/** Why a call was denied, in the JSON that AWS decodes such messages to. */
export function explainDenial(principal: Principal, access: PrincipalAccess, request: AccessRequest, verdict: AccessVerdict): string {
  return JSON.stringify({
    allowed: false,
    explicitDeny: verdict.decision === 'explicitDeny',
    matchedStatements: items(verdict.matched.map((matched) => explainStatement(matched, principal))),
    failures: items([]),
    context: {
      principal: {
        id: principal.userId,
        ...(access.kind === 'user' && access.identity ? { name: access.identity.name } : {}),
        arn: principal.arn,
      },
      action: request.action,
      resource: request.resource,
      conditions: items([...request.context].map(([key, values]) => ({ key, values: valueItems(values) }))),
    },
  });
}

/** AWS's members, and the policy that the statement is in, which AWS does not tell. */
function explainStatement({ statement, policy, layer }: MatchedStatement, principal: Principal) {
  const sources = (patterns: readonly Pattern[] | undefined) => valueItems((patterns ?? []).map(({ source }) => source));
  return {
    statementId: statement.sid ?? '',
    effect: statement.effect.toUpperCase(),
    principals: valueItems([principal.userId]),
    principalGroups: items([]),
    actions: sources(statement.actions ?? statement.notActions),
    resources: sources(statement.resources ?? statement.notResources),
    conditions: items(statement.conditions.map(({ key, values }) => ({ key, values: sources(values) }))),
    policy: { name: policy.name, ...(policy.arn === undefined ? {} : { arn: policy.arn }), type: layer, statement: statement.number },
  };
}
