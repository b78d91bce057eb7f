/** USER_SRP_AUTH against a client that is written after Amplify's algorithm, and shares nothing with Keiro's. */
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { claimsOf, newPool, newUser, PASSWORD, type Pool, secretHash, useCognito } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();

/** The 3072-bit prime of RFC 3526, from its definition: 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 pi) + 1690314). */
const N = 2n ** 3072n - 2n ** 3008n - 1n + 2n ** 64n * (floorOfPi(2942n) + 1690314n);
const g = 2n;

/** floor(2^bits * pi), by Machin's formula with 64 bits to spare. */
function floorOfPi(bits: bigint): bigint {
  const one = 1n << (bits + 64n);
  const arctan = (x: bigint): bigint => {
    let [sum, term, n, sign] = [0n, one / x, 1n, 1n];
    for (; term > 0n; term /= x * x, n += 2n, sign = -sign) sum += (sign * term) / n;
    return sum;
  };
  return (4n * (4n * arctan(5n) - arctan(239n))) >> 64n;
}

function modPow(base: bigint, exponent: bigint): bigint {
  return [...exponent.toString(2)].reduce((result, bit) => {
    const squared = (result * result) % N;
    return bit === '1' ? (squared * base) % N : squared;
  }, 1n);
}

const padHex = (value: bigint): string => {
  const hex = value.toString(16);
  if (hex.length % 2 === 1) return `0${hex}`;
  return '89abcdef'.includes(hex.charAt(0)) ? `00${hex}` : hex;
};
const hexHash = (hex: string): string => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const big = (hex: string): bigint => BigInt(`0x${hex}`);

interface Attempt {
  readonly username: string;
  readonly password: string;
  readonly a?: bigint;
  /** Put in the place of what is right. */
  readonly A?: string;
  readonly responses?: Readonly<Record<string, string>>;
  readonly hash?: (name: string) => string;
}

async function begin({ cognito, ClientId }: Pool, { username, a = big(randomBytes(128).toString('hex')), A, hash }: Attempt) {
  const clientPublic = modPow(g, a % N);
  const AuthParameters = { USERNAME: username, SRP_A: A ?? clientPublic.toString(16), ...(hash && { SECRET_HASH: hash(username) }) };
  const { ChallengeParameters: parameters = {}, ...rest } = await cognito.send(
    new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters }),
  );
  return { a: a % N, clientPublic, parameters, rest };
}

function answerTo({ UserPoolId }: Pool, { a, clientPublic, parameters }: Awaited<ReturnType<typeof begin>>, password: string) {
  const { USER_ID_FOR_SRP: user = '', SALT = '', SRP_B = '', SECRET_BLOCK = '' } = parameters;
  const poolName = UserPoolId.split('_')[1] ?? '';
  const B = big(SRP_B);
  const u = big(hexHash(padHex(clientPublic) + padHex(B)));
  const x = big(hexHash(padHex(big(SALT)) + createHash('sha256').update(`${poolName}${user}:${password}`).digest('hex')));
  const k = big(hexHash(padHex(N) + padHex(g)));
  const base = (((B - k * modPow(g, x)) % N) + N) % N;
  const S = modPow(base, a + u * x);
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(padHex(S), 'hex'), Buffer.from(padHex(u), 'hex'), 'Caldera Derived Key', 16));
  const [day, date = '', month, year, time] = new Date().toUTCString().replace(',', '').split(' ');
  const TIMESTAMP = `${day} ${month} ${Number(date)} ${time} UTC ${year}`;
  const message = Buffer.concat([Buffer.from(poolName + user), Buffer.from(SECRET_BLOCK, 'base64'), Buffer.from(TIMESTAMP)]);
  return {
    USERNAME: user,
    PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: createHmac('sha256', key).update(message).digest('base64'),
    TIMESTAMP,
  };
}

const send = ({ cognito, ClientId }: Pool, ChallengeResponses: Record<string, string>) =>
  cognito.send(new RespondToAuthChallengeCommand({ ClientId, ChallengeName: 'PASSWORD_VERIFIER', ChallengeResponses }));

async function signIn(pool: Pool, attempt: Attempt) {
  const begun = await begin(pool, attempt);
  const responses = answerTo(pool, begun, attempt.password);
  return send(pool, { ...responses, ...(attempt.hash && { SECRET_HASH: attempt.hash(responses.USERNAME) }), ...attempt.responses });
}

const wrong = { code: 'NotAuthorizedException', message: 'Incorrect username or password.' };

test('the group is the one of RFC 3526', () => {
  expect(N.toString(16).slice(0, 48)).toBe('ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd1');
  expect(N.toString(2)).toHaveLength(3072);
});

test('who knows the password gets in, whatever numbers were drawn; who does not, does not', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'Änn');
  const { parameters, rest } = await begin(pool, { username: 'Änn', password: PASSWORD });
  expect(rest).toMatchObject({ ChallengeName: 'PASSWORD_VERIFIER' });
  expect(parameters).toEqual({
    USERNAME: 'Änn',
    USER_ID_FOR_SRP: 'Änn',
    SALT: expect.stringMatching(/^[0-9a-f]{32}$/),
    SRP_B: expect.stringMatching(/^[0-9a-f]{700,768}$/),
    SECRET_BLOCK: expect.stringMatching(/^[\w+/]+=*$/),
  });
  for (let n = 0; n < 6; n += 1) {
    const { AuthenticationResult, ChallengeParameters } = await signIn(pool, { username: 'Änn', password: PASSWORD });
    expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({ 'cognito:username': 'Änn' });
    expect(ChallengeParameters).toEqual({});
  }
  expect((await signIn(pool, { username: 'Änn', password: PASSWORD, a: 5n })).AuthenticationResult).toBeDefined();
  expect(await refusal(signIn(pool, { username: 'Änn', password: 'Wrong-1234' }))).toEqual(wrong);
});

test('each claim counts once, for its client, in its time', async () => {
  const pool = await newPool(keiro.client());
  const other = await newPool(keiro.client());
  await newUser(pool, 'ann');
  await newUser(other, 'ann');
  const begun = await begin(pool, { username: 'ann', password: PASSWORD });
  const responses = answerTo(pool, begun, PASSWORD);
  expect((await refusal(send(other, responses))).message).toBe('Invalid session for the user.');
  expect((await refusal(send(pool, { ...responses, PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA' }))).message).toBe('Invalid session for the user.');
  expect(await refusal(send(pool, { ...responses, TIMESTAMP: 'today' }))).toEqual({ code: 'InvalidParameterException', message: 'TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.' }); // prettier-ignore
  expect(await refusal(send(pool, { ...responses, TIMESTAMP: 'Tue Sep 9 04:01:02 UTC 2025' }))).toEqual(wrong);
  expect(await refusal(send(pool, { ...responses, PASSWORD_CLAIM_SIGNATURE: 'AAAA' }))).toEqual(wrong);
  expect(await refusal(send(pool, { ...responses, USERNAME: 'bob' }))).toEqual(wrong);
  expect(await keiro.later(180_000, async () => (await refusal(send(pool, responses))).message)).toBe('Invalid session for the user, session is expired.'); // prettier-ignore
  const { PASSWORD_CLAIM_SIGNATURE: _signature, ...unsigned } = responses;
  expect((await refusal(send(pool, unsigned))).message).toBe('Missing required parameter PASSWORD_CLAIM_SIGNATURE');
  expect((await send(pool, responses)).AuthenticationResult).toBeDefined();
  expect((await refusal(send(pool, responses))).message).toBe('Invalid session for the user, session can only be used once.');
});

test('public values that give the key away are refused', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  for (const A of ['0', '00', N.toString(16), (2n * N).toString(16), (N + 1n).toString(16), 'f'.repeat(100_000), 'xyz', '-1', ' 1'])
    expect((await refusal(begin(pool, { username: 'ann', password: '', A }))).code).toBe('InvalidParameterException');
});

test('wrong proofs lock a user out as wrong passwords do', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  for (let n = 0; n < 5; n += 1) expect(await refusal(signIn(pool, { username: 'ann', password: 'Wrong-1234' }))).toEqual(wrong);
  expect((await refusal(signIn(pool, { username: 'ann', password: PASSWORD }))).message).toBe('Password attempts exceeded');
});

test('who is not there looks as if', async () => {
  const legacy = await newPool(keiro.client());
  expect(await refusal(begin(legacy, { username: 'nobody', password: '' }))).toEqual({ code: 'UserNotFoundException', message: 'User does not exist.' }); // prettier-ignore
  const pool = await newPool(keiro.client(), {}, { PreventUserExistenceErrors: 'ENABLED' });
  const [one, two] = [await begin(pool, { username: 'nobody', password: '' }), await begin(pool, { username: 'nobody', password: '' })];
  expect(one.parameters['SALT']).toBe(two.parameters['SALT']);
  expect(one.parameters['USER_ID_FOR_SRP']).toBe(two.parameters['USER_ID_FOR_SRP']);
  expect(one.parameters['USER_ID_FOR_SRP']).toMatch(/^[0-9a-f-]{36}$/);
  expect(one.parameters['SRP_B']).not.toBe(two.parameters['SRP_B']);
  expect(await refusal(send(pool, answerTo(pool, one, PASSWORD)))).toEqual(wrong);
});

test('by mail address, with a secret, with a temporary password', async () => {
  const pool = await newPool(keiro.client(), { UsernameAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } }, { GenerateSecret: true }); // prettier-ignore
  const { cognito, UserPoolId, ClientId, secret = '' } = pool;
  const hash = (name: string): string => secretHash(secret, name, ClientId);
  await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: 'Ann@Example.com', TemporaryPassword: PASSWORD }));
  const user = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username: 'ann@example.com' }));
  const challenge = await signIn(pool, { username: 'ann@example.com', password: PASSWORD, hash });
  expect(challenge).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED', ChallengeParameters: { USER_ID_FOR_SRP: user.Username } });
  const ChallengeResponses = { USERNAME: user.Username ?? '', NEW_PASSWORD: 'Brand-New-1', SECRET_HASH: hash(user.Username ?? '') };
  await cognito.send(new RespondToAuthChallengeCommand({ ClientId, ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: challenge.Session, ChallengeResponses })); // prettier-ignore
  const { AuthenticationResult } = await signIn(pool, { username: 'ANN@example.com', password: 'Brand-New-1', hash });
  expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({ 'cognito:username': user.Username, email: 'Ann@Example.com' });
});
