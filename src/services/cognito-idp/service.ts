/** Cognito user pools: the operations of all its nouns. */
import { checkMembers } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { authentication } from '#services/cognito-idp/auth/authentication.ts';
import { clients } from '#services/cognito-idp/clients/clients.ts';
import { constraints } from '#services/cognito-idp/constraints.ts';
import { groups } from '#services/cognito-idp/groups/groups.ts';
import { hasKeys } from '#services/cognito-idp/keys.ts';
import { poolTags } from '#services/cognito-idp/pools/tags.ts';
import { userPools } from '#services/cognito-idp/pools/user-pools.ts';
import { administration } from '#services/cognito-idp/users/administration.ts';
import { userCreation } from '#services/cognito-idp/users/creation.ts';
import { userListing } from '#services/cognito-idp/users/listing.ts';
import { ownAccount } from '#services/cognito-idp/users/own-account.ts';
import { recovery } from '#services/cognito-idp/users/recovery.ts';
import { signUp } from '#services/cognito-idp/users/sign-up.ts';

/** "Operations … in the context of the user": the model's `noAuth`. */
const unsigned: ReadonlySet<string> = new Set([
  'InitiateAuth',
  'RespondToAuthChallenge',
  'GetTokensFromRefreshToken',
  'RevokeToken',
  ...Object.keys(ownAccount),
  ...Object.keys(recovery),
  ...Object.keys(signUp),
]);

/** What signs tokens. */
const issuing: ReadonlySet<string> = new Set(Object.keys(authentication).filter((name) => name !== 'RevokeToken'));

export const cognitoIdp = checkedService(
  defineService('cognito-idp', [userPools, poolTags, clients, groups, userCreation, userListing, administration, authentication, ownAccount, recovery, signUp], { unsigned, isReady: (reader, operation, input) => !issuing.has(operation) || hasKeys(reader, input['ClientId']) }), // prettier-ignore
  (_context, input) => checkMembers('InvalidParameterException', constraints, input),
);
