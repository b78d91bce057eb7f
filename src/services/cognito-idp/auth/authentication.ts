/** Signing in: InitiateAuth and RespondToAuthChallenge, for users themselves and for administrators. */
import type {
  AuthFlowType,
  ChallengeNameType,
  InitiateAuthResponse,
  RespondToAuthChallengeResponse,
} from '@aws-sdk/client-cognito-identity-provider';
import { initiateSrp, respondToVerifier } from '#services/cognito-idp/auth/password-verifier.ts';
import { checkSecret, checkSecretHash } from '#services/cognito-idp/auth/secret-hash.ts';
import { admit, noSuchUser, type Parameters, refuseReset, requireParameter, takeNewPassword } from '#services/cognito-idp/auth/sign-in.ts';
import { readRefreshToken, refresh, revoke } from '#services/cognito-idp/auth/tokens.ts';
import { allowsFlow, type SignInFlow } from '#services/cognito-idp/clients/settings.ts';
import { invalidParameter, notAuthorized, unmodelled, wrongPassword } from '#services/cognito-idp/errors.ts';
import { type AtClient, requireAnyClient, requireClient } from '#services/cognito-idp/lookup.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { countFailure, lockout } from '#services/cognito-idp/users/attempts.ts';
import { findUser } from '#services/cognito-idp/users/directory.ts';
import { isPassword } from '#services/cognito-idp/users/passwords.ts';
import { AwsError } from '#protocol/aws-error.ts';

export const authentication = {
  InitiateAuth(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    if (input.AuthFlow.startsWith('ADMIN_')) throw invalidParameter('Initiate Auth method not supported');
    return initiate(at, input.AuthFlow, input.AuthParameters ?? {});
  },

  AdminInitiateAuth(context, input) {
    const at = requireClient(context, input.UserPoolId, input.ClientId);
    if (input.AuthFlow === 'USER_PASSWORD_AUTH') throw invalidParameter('Initiate Auth method not supported');
    return initiate(at, input.AuthFlow, input.AuthParameters ?? {});
  },

  RespondToAuthChallenge(context, input) {
    return respond(requireAnyClient(context, input.ClientId), input.ChallengeName, input.ChallengeResponses ?? {}, input.Session);
  },

  AdminRespondToAuthChallenge(context, input) {
    const at = requireClient(context, input.UserPoolId, input.ClientId);
    return respond(at, input.ChallengeName, input.ChallengeResponses ?? {}, input.Session);
  },

  GetTokensFromRefreshToken(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    requireFlow(at, 'refresh', 'Auth flow not enabled for this client');
    checkSecret(at.client, input.ClientSecret);
    return { AuthenticationResult: refresh(at, input.RefreshToken, () => undefined) };
  },

  RevokeToken(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    checkSecret(at.client, input.ClientSecret);
    if (at.client.settings.EnableTokenRevocation === false)
      throw new AwsError('UnsupportedOperationException', 'Token revocation is not enabled for the client.');
    const grant = readRefreshToken(at, input.Token);
    if (grant === undefined) throw new AwsError('UnsupportedTokenTypeException', 'Unsupported token type.');
    if (grant.clientId !== at.client.id) throw new AwsError('UnauthorizedException', 'The token was not issued to this client.');
    revoke(at, grant);
    return {};
  },
} satisfies CognitoOperations;

function initiate(at: AtClient, flow: AuthFlowType, parameters: Parameters): InitiateAuthResponse | AwsError {
  switch (flow) {
    case 'ADMIN_NO_SRP_AUTH':
    case 'ADMIN_USER_PASSWORD_AUTH':
      requireFlow(at, 'admin-password', 'Auth flow not enabled for this client');
      return withPassword(at, parameters);
    case 'USER_PASSWORD_AUTH':
      requireFlow(at, 'password', 'USER_PASSWORD_AUTH flow not enabled for this client');
      return withPassword(at, parameters);
    case 'USER_SRP_AUTH':
      requireFlow(at, 'srp', 'USER_SRP_AUTH is not enabled for the client.');
      checkSecretHash(at.client, [requireParameter(parameters, 'USERNAME')], parameters['SECRET_HASH']);
      return initiateSrp(at, parameters);
    case 'REFRESH_TOKEN':
    case 'REFRESH_TOKEN_AUTH':
      requireFlow(at, 'refresh', 'Auth flow not enabled for this client');
      return withRefreshToken(at, parameters);
    case 'CUSTOM_AUTH':
      throw unmodelled('custom authentication (CUSTOM_AUTH)');
    case 'USER_AUTH':
      throw unmodelled('choice-based authentication (USER_AUTH)');
  }
}

function requireFlow({ client }: AtClient, flow: SignInFlow, words: string): void {
  if (!allowsFlow(client, flow)) throw invalidParameter(words);
}

function withPassword(at: AtClient, parameters: Parameters): InitiateAuthResponse | AwsError {
  const { context, pool, client } = at;
  const username = requireParameter(parameters, 'USERNAME');
  const password = requireParameter(parameters, 'PASSWORD');
  checkSecretHash(client, [username], parameters['SECRET_HASH']);
  const user = findUser(context, pool, username);
  const locked = user && lockout(context, user);
  if (locked) return locked;
  if (user) refuseReset(at, user);
  const isRight = isPassword(at, user, password);
  if (user === undefined) throw noSuchUser(at);
  if (isRight) return admit(at, user);
  countFailure(context, user);
  return wrongPassword();
}

function withRefreshToken(at: AtClient, parameters: Parameters): InitiateAuthResponse {
  const token = requireParameter(parameters, 'REFRESH_TOKEN');
  if (parameters['DEVICE_KEY'] !== undefined) throw notAuthorized('Invalid Refresh Token'); // no token is a device's
  const hash = parameters['SECRET_HASH'];
  const result = refresh(at, token, ({ username, sub }) => checkSecretHash(at.client, [username, sub], hash));
  return { ChallengeParameters: {}, AuthenticationResult: result };
}

function respond(
  at: AtClient,
  challenge: ChallengeNameType,
  responses: Parameters,
  session: string | undefined,
): RespondToAuthChallengeResponse | AwsError {
  if (challenge !== 'NEW_PASSWORD_REQUIRED' && challenge !== 'PASSWORD_VERIFIER') throw unmodelled(`the challenge ${challenge}`);
  checkSecretHash(at.client, [requireParameter(responses, 'USERNAME')], responses['SECRET_HASH']);
  return challenge === 'NEW_PASSWORD_REQUIRED' ? takeNewPassword(at, session, responses) : respondToVerifier(at, responses);
}
