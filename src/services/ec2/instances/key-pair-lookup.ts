/** Key pairs by name. */
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type KeyPairRecord, keyPairTable } from '#services/ec2/tables/instances.ts';

/** @throws AwsError InvalidKeyPair.NotFound */
export function requireKeyPair(context: OperationContext, name: string): KeyPairRecord {
  const pair = findKeyPair(context, name);
  if (!pair) throw keyPairNotFound(name);
  return pair;
}

export function findKeyPair(context: OperationContext, name: string): KeyPairRecord | undefined {
  return context.tx.find(keyPairTable, 'name', name)[0];
}

export function keyPairIdNotFound(ids: readonly string[]): AwsError {
  const words = ids.length === 1 ? `The key pair ID '${ids[0]}' does` : `The key pair IDs '${ids.join(', ')}' do`;
  return new AwsError('InvalidKeyPair.NotFound', `${words} not exist`);
}

export function keyPairNotFound(names: string | readonly string[]): AwsError {
  const list = typeof names === 'string' ? [names] : names;
  const words = list.length === 1 ? `The key pair '${list[0]}' does` : `The key pairs '${list.join(', ')}' do`;
  return new AwsError('InvalidKeyPair.NotFound', `${words} not exist`);
}
