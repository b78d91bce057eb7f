/** Network ACLs by id. */
import type { OperationContext } from '#aws/context.ts';
import { isIdOf } from '#aws/ids.ts';
import type { AwsError } from '#protocol/aws-error.ts';
import { networkAclNotFound } from '#services/ec2/errors.ts';
import { malformedAclId } from '#services/ec2/network-acls/network-acl-errors.ts';
import { type NetworkAclRecord, networkAclTable } from '#services/ec2/tables/firewalls.ts';

/** @throws AwsError InvalidNetworkAclId.Malformed, InvalidNetworkAclID.NotFound */
export function requireNetworkAcl(context: OperationContext, id: string): NetworkAclRecord {
  const acl = context.tx.get(networkAclTable, id);
  if (!acl) throw noAcls([id]);
  return acl;
}

/** The error for ids under which there are no ACLs. */
export function noAcls(ids: readonly string[]): AwsError {
  const malformed = ids.find((id) => !isIdOf('acl', id));
  return malformed === undefined ? networkAclNotFound(ids) : malformedAclId(malformed);
}
