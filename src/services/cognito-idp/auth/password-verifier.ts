/** USER_SRP_AUTH and its challenge PASSWORD_VERIFIER: the password is proved and never sent. */
import { createHmac } from 'node:crypto';
import type { InitiateAuthResponse } from '@aws-sdk/client-cognito-identity-provider';
import { newSession, readSession, useSession } from '#services/cognito-idp/auth/sessions.ts';
import { admit, hidesUsers, noSuchUser, type Parameters, refuseReset, requireParameter } from '#services/cognito-idp/auth/sign-in.ts';
import { isClaimTrue, readPublicValue, serverPublicValue, srpVerifier } from '#services/cognito-idp/auth/srp.ts';
import { invalidParameter, wrongPassword } from '#services/cognito-idp/errors.ts';
import { uuidOf } from '#services/cognito-idp/ids.ts';
import type { AtClient } from '#services/cognito-idp/lookup.ts';
import { countFailure, lockout } from '#services/cognito-idp/users/attempts.ts';
import { findUser, userIdOf } from '#services/cognito-idp/users/directory.ts';
import { passwordTable, userTable } from '#services/cognito-idp/users/tables.ts';
import type { AwsError } from '#protocol/aws-error.ts';

/** RFC 5054 section 2.5.4: at least 256 bits. */
const SECRET_BYTES = 32;
/** `Tue Sep 9 04:01:02 UTC 2025`. */
const TIMESTAMP =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2} \d{2}:\d{2}:\d{2} UTC \d{4}$/;

/** Who one is said to be, as far as SRP goes. */
interface Identity {
  readonly username: string;
  /** Hexadecimal. */
  readonly salt: string;
  readonly verifier: string;
}

export function initiateSrp(at: AtClient, parameters: Parameters): InitiateAuthResponse | AwsError {
  const { context, pool } = at;
  const given = requireParameter(parameters, 'USERNAME');
  const clientPublic = readPublicValue(requireParameter(parameters, 'SRP_A'));
  if (clientPublic === undefined) throw invalidParameter('Invalid SRP_A.');
  const user = findUser(context, pool, given);
  const locked = user && lockout(context, user);
  if (locked) return locked;
  if (user) refuseReset(at, user);
  const kept = user && context.tx.get(passwordTable, user.id);
  if (kept === undefined && !hidesUsers(at)) throw noSuchUser(at);
  const identity = user && kept ? { username: user.username, salt: kept.srpSalt, verifier: kept.verifier } : simulated(at, given);
  const secret = context.randomBytes(SECRET_BYTES).toString('hex');
  const serverPublic = serverPublicValue(identity.verifier, secret);
  const state = { sub: user?.sub ?? '', secret, clientPublic: clientPublic.toString(16), serverPublic };
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      USERNAME: identity.username,
      USER_ID_FOR_SRP: identity.username,
      SALT: identity.salt,
      SRP_B: serverPublic,
      SECRET_BLOCK: newSession(at, 'PASSWORD_VERIFIER', state).toString('base64'),
    },
  };
}

/** "Amazon Cognito returns the same salt and an internal user ID in UUID format for the same user name and user pool combination." */
function simulated({ pool }: AtClient, name: string): Identity {
  const derived = (what: string): Buffer => createHmac('sha256', Buffer.from(pool.secret, 'base64')).update(`${what} ${name}`).digest();
  const username = uuidOf(derived('id'));
  const salt = derived('salt').toString('hex').slice(0, 32);
  return { username, salt, verifier: srpVerifier({ poolId: pool.id, username, password: derived('password').toString('hex'), salt }) };
}

export function respondToVerifier(at: AtClient, responses: Parameters): InitiateAuthResponse | AwsError {
  const { context, pool } = at;
  const [username, block, signature, timestamp] = (
    ['USERNAME', 'PASSWORD_CLAIM_SECRET_BLOCK', 'PASSWORD_CLAIM_SIGNATURE', 'TIMESTAMP'] as const
  ).map((name) => requireParameter(responses, name)) as [string, string, string, string]; // prettier-ignore -- map keeps the number
  if (!TIMESTAMP.test(timestamp)) throw invalidParameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
  const secretBlock = Buffer.from(block, 'base64');
  const { sub = '', secret = '', clientPublic = '', serverPublic = '' } = readSession(at, 'PASSWORD_VERIFIER', secretBlock);
  const user = context.tx.get(userTable, userIdOf(pool.id, sub));
  const kept = user && context.tx.get(passwordTable, user.id);
  if (user === undefined || kept === undefined) throw wrongPassword();
  const locked = lockout(context, user);
  if (locked) return locked;
  refuseReset(at, user);
  const claim = { poolId: pool.id, username: user.username, verifier: kept.verifier, secret, clientPublic, serverPublic, secretBlock, timestamp, signature }; // prettier-ignore
  if (findUser(context, pool, username)?.sub !== sub || !isClaimTrue(claim)) {
    countFailure(context, user);
    return wrongPassword();
  }
  useSession(at, secretBlock);
  return admit(at, user);
}
