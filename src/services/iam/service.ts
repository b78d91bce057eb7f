/** IAM: the operations of all its nouns. */
import { checkConstraints } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { accessKeys } from '#services/iam/access-keys.ts';
import { account } from '#services/iam/account.ts';
import { authorizationDetails } from '#services/iam/authorization-details.ts';
import { constraints } from '#services/iam/constraints.ts';
import { contextKeys } from '#services/iam/context-keys.ts';
import { groups } from '#services/iam/groups.ts';
import { inlinePolicies } from '#services/iam/inline-policies.ts';
import { instanceProfiles } from '#services/iam/instance-profiles.ts';
import { permissionsBoundaries } from '#services/iam/permissions-boundaries.ts';
import { policies } from '#services/iam/policies.ts';
import { policyAttachments } from '#services/iam/policy-attachments.ts';
import { policyVersions } from '#services/iam/policy-versions.ts';
import { roles } from '#services/iam/roles.ts';
import { simulation } from '#services/iam/simulation.ts';
import { users } from '#services/iam/users.ts';

const nouns = [
  users,
  accessKeys,
  groups,
  roles,
  policies,
  policyVersions,
  policyAttachments,
  inlinePolicies,
  permissionsBoundaries,
  instanceProfiles,
  account,
  authorizationDetails,
  simulation,
  contextKeys,
];

export const iam = checkedService(defineService('iam', nouns, { global: true }), (_context, input) =>
  checkConstraints('ValidationError', constraints, input),
);
