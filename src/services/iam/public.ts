/** What others may ask of IAM: who an access key is, which policies bind a principal, and what they say. */
export { policiesOf, type PrincipalAccess } from '#services/iam/access.ts';
export { decodeMessage, encodeMessage, ensureMessageKey, explainDenial } from '#services/iam/denial-messages.ts';
export { type AccessRequest, type AccessVerdict, evaluate, type PolicySet, type ResourcePolicy } from '#services/iam/evaluation.ts';
export { accountOfAccessKeyId } from '#services/iam/ids.ts';
export { findAccessKey, type KnownKey } from '#services/iam/known-keys.ts';
export { checkIdentityPolicy } from '#services/iam/policy-grammar.ts';
export { defaultDocument, findPolicy } from '#services/iam/policy-lookup.ts';
export { addPrincipalKeys, addRequestTags, addTimeKeys } from '#services/iam/request-context.ts';
export { createMemberRole, findRole, type FoundRole, isMemberRole, isTrusted, trustOf } from '#services/iam/role-sessions.ts';
export { openSession } from '#services/iam/sessions.ts';
export type { InlinePolicy, SessionRecord } from '#services/iam/tables.ts';
export { checkTags } from '#services/iam/tags.ts';
export { identityArnOf, identityTagsOf, passedRoleOf } from '#services/iam/resource-names.ts';
