/** What a client is set to: AWS's defaults, its ways to sign in, how long its tokens hold. */
import type { ExplicitAuthFlowsType, TimeUnitsType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, unmodelled } from '#services/cognito-idp/errors.ts';
import type { ClientRecord, ClientSettings, UserPoolRecord } from '#services/cognito-idp/tables.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const units: Readonly<Record<TimeUnitsType, number>> = { seconds: SECOND_MS, minutes: MINUTE_MS, hours: HOUR_MS, days: DAY_MS };

/** Quotas, "user pools session validity parameters". */
const shortTokens = { leastMs: 5 * MINUTE_MS, mostMs: DAY_MS, defaultMs: HOUR_MS };
const refreshTokens = { leastMs: HOUR_MS, mostMs: 3650 * DAY_MS, defaultMs: 30 * DAY_MS };
/** "By default, your users have three minutes to complete each challenge before the session string expires." */
const SESSION_MINUTES = 3;
const REFRESH_DAYS = 30;

/** @throws AwsError InvalidParameterException; NotImplemented */
export function newClientSettings(pool: UserPoolRecord, input: ClientSettings): ClientSettings {
  if (input.RefreshTokenRotation?.Feature === 'ENABLED') throw unmodelled('rotation of refresh tokens (RefreshTokenRotation)');
  if (input.AnalyticsConfiguration !== undefined) throw unmodelled('analytics (AnalyticsConfiguration)');
  checkFlows(input.ExplicitAuthFlows ?? []);
  checkAttributes(pool, input);
  const settings: ClientSettings = {
    ...optionalOf(input),
    // "You can't set RefreshTokenValidity to 0": the default takes its place.
    RefreshTokenValidity: input.RefreshTokenValidity || REFRESH_DAYS,
    TokenValidityUnits: { ...input.TokenValidityUnits, ...(input.RefreshTokenValidity ? {} : unitOfDefault(input)) },
    AllowedOAuthFlowsUserPoolClient: input.AllowedOAuthFlowsUserPoolClient ?? false,
    EnableTokenRevocation: input.EnableTokenRevocation ?? true,
    EnablePropagateAdditionalUserContextData: input.EnablePropagateAdditionalUserContextData ?? false,
    AuthSessionValidity: input.AuthSessionValidity ?? SESSION_MINUTES,
  };
  checkValidity(settings);
  return settings;
}

/** Thirty of another unit would be something else. */
const unitOfDefault = ({ TokenValidityUnits: given }: ClientSettings): { RefreshToken?: TimeUnitsType } =>
  given?.RefreshToken === undefined ? {} : { RefreshToken: 'days' };

const optional = [
  'AccessTokenValidity',
  'IdTokenValidity',
  'ReadAttributes',
  'WriteAttributes',
  'ExplicitAuthFlows',
  'SupportedIdentityProviders',
  'CallbackURLs',
  'LogoutURLs',
  'DefaultRedirectURI',
  'AllowedOAuthFlows',
  'AllowedOAuthScopes',
  'PreventUserExistenceErrors',
] as const;

function optionalOf(input: ClientSettings): ClientSettings {
  return Object.fromEntries(optional.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])));
}

export interface TokenLives {
  /** Milliseconds. */
  readonly idMs: number;
  readonly accessMs: number;
  readonly refreshMs: number;
}

export function tokenLives({ settings }: Pick<ClientRecord, 'settings'>): TokenLives {
  const { IdTokenValidity, AccessTokenValidity, RefreshTokenValidity, TokenValidityUnits: given } = settings;
  return {
    idMs: IdTokenValidity === undefined ? shortTokens.defaultMs : IdTokenValidity * units[given?.IdToken ?? 'hours'],
    accessMs: AccessTokenValidity === undefined ? shortTokens.defaultMs : AccessTokenValidity * units[given?.AccessToken ?? 'hours'],
    refreshMs: RefreshTokenValidity === undefined ? refreshTokens.defaultMs : RefreshTokenValidity * units[given?.RefreshToken ?? 'days'],
  };
}

function checkValidity(settings: ClientSettings): void {
  const { idMs, accessMs, refreshMs } = tokenLives({ settings });
  for (const [ms, { leastMs, mostMs }] of [
    [idMs, shortTokens],
    [accessMs, shortTokens],
    [refreshMs, refreshTokens],
  ] as const) {
    if (ms < leastMs || ms > mostMs) throw invalidParameter('Invalid range for token validity.');
  }
  if (refreshMs < Math.max(idMs, accessMs))
    throw invalidParameter('Refresh token expiration should be greater than or equal to access and ID token expiration.');
}

/** "You can't assign these legacy ExplicitAuthFlows values to user pool clients at the same time as values that begin with ALLOW_." */
function checkFlows(flows: readonly ExplicitAuthFlowsType[]): void {
  const isNew = (flow: string): boolean => flow.startsWith('ALLOW_');
  if (flows.some(isNew) && !flows.every(isNew))
    throw invalidParameter('ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY and USER_PASSWORD_AUTH cannot be used together with flows that begin with ALLOW_.'); // prettier-ignore
}

/** Ways to sign in that Keiro knows. */
export type SignInFlow = 'admin-password' | 'password' | 'srp' | 'refresh';

export function allowsFlow({ settings }: ClientRecord, flow: SignInFlow): boolean {
  const flows: ReadonlySet<string> = new Set(settings.ExplicitAuthFlows ?? []);
  switch (flow) {
    case 'admin-password':
      return flows.has('ALLOW_ADMIN_USER_PASSWORD_AUTH') || flows.has('ADMIN_NO_SRP_AUTH');
    case 'password':
      return flows.has('ALLOW_USER_PASSWORD_AUTH') || flows.has('USER_PASSWORD_AUTH');
    case 'srp': // the default has it, and so have the older values but for one
      return flows.has('ALLOW_USER_SRP_AUTH') || (!hasNewFlow(flows) && !flows.has('CUSTOM_AUTH_FLOW_ONLY'));
    case 'refresh':
      return flows.has('ALLOW_REFRESH_TOKEN_AUTH') || !hasNewFlow(flows);
  }
}

const hasNewFlow = (flows: ReadonlySet<string>): boolean => [...flows].some((flow) => flow.startsWith('ALLOW_'));

function checkAttributes({ schema }: UserPoolRecord, { ReadAttributes, WriteAttributes }: ClientSettings): void {
  const known = new Set(schema.map(({ Name }) => Name));
  for (const name of [...(ReadAttributes ?? []), ...(WriteAttributes ?? [])])
    if (!known.has(name)) throw invalidParameter(`Invalid attribute specified: ${name}`);
  if (WriteAttributes === undefined || WriteAttributes.length === 0) return;
  if (WriteAttributes.some((name) => name === 'sub' || name.endsWith('_verified') || name.startsWith('dev:')))
    throw invalidParameter('Invalid write attributes specified while creating a client');
  const missing = schema.find(({ Name, Required }) => Required && Name !== 'sub' && !WriteAttributes.includes(Name));
  if (missing) throw invalidParameter('Invalid write attributes specified while creating a client'); // "You can't remove required attributes from write permissions."
}

/** Whether users may read an attribute of theirs through a client. Without a list of its own, they may read all. */
export function mayRead({ settings: { ReadAttributes } }: ClientRecord, name: string): boolean {
  if (name.startsWith('dev:')) return false;
  return name === 'sub' || !ReadAttributes?.length || ReadAttributes.includes(name);
}

/** Whether users may set an attribute of theirs through a client. What is verified, nobody says of himself. */
export function mayWrite({ settings: { WriteAttributes } }: ClientRecord, name: string): boolean {
  if (name.startsWith('dev:') || name === 'email_verified' || name === 'phone_number_verified') return false;
  return !WriteAttributes?.length || WriteAttributes.includes(name);
}
