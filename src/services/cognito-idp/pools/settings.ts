/** What a pool is set to: AWS's defaults, and what callers may not ask for. */
import type { CreateUserPoolRequest, PasswordPolicyType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, unmodelled } from '#services/cognito-idp/errors.ts';
import type { PasswordPolicy, PoolSettings, UserPoolRecord } from '#services/cognito-idp/tables.ts';

type Input = Omit<CreateUserPoolRequest, 'PoolName' | 'Schema' | 'UserPoolTags'>;

/** "If you don't provide a value for TemporaryPasswordValidityDays, it defaults to 7." */
const TEMPORARY_DAYS = 7;
const MIN_LENGTH = 8;

/**
 * The settings that an input makes: what it leaves out is set to its default, also by an update.
 * @throws AwsError InvalidParameterException; NotImplemented
 */
export function newSettings(input: Input): PoolSettings {
  refuseUnmodelled(input);
  const { AliasAttributes, UsernameAttributes } = input;
  if (AliasAttributes?.length && UsernameAttributes?.length)
    throw invalidParameter('Only one of the aliasAttributes or usernameAttributes can be set in a user pool.');
  checkRecovery(input);
  const passwordPolicy = policyOf(input);
  return {
    ...given(input, [
      'AccountRecoverySetting',
      'AliasAttributes',
      'AutoVerifiedAttributes',
      'EmailVerificationMessage',
      'EmailVerificationSubject',
      'SmsAuthenticationMessage',
      'SmsConfiguration',
      'SmsVerificationMessage',
      'UserAttributeUpdateSettings',
      'UsernameAttributes',
      'UsernameConfiguration',
    ]),
    passwordPolicy,
    DeletionProtection: input.DeletionProtection ?? 'INACTIVE',
    EmailConfiguration: {
      ...input.EmailConfiguration,
      EmailSendingAccount: input.EmailConfiguration?.EmailSendingAccount ?? 'COGNITO_DEFAULT',
    },
    UserPoolTier: input.UserPoolTier ?? 'ESSENTIALS',
    VerificationMessageTemplate: templateOf(input),
    AdminCreateUserConfig: {
      ...input.AdminCreateUserConfig,
      AllowAdminCreateUserOnly: input.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
      UnusedAccountValidityDays: passwordPolicy.TemporaryPasswordValidityDays,
    },
  };
}

/** What cannot be changed any more stays as it was. */
export function updatedSettings({ settings }: UserPoolRecord, input: Input): PoolSettings {
  const { AliasAttributes, UsernameAttributes, UsernameConfiguration, UserPoolTier } = settings;
  return newSettings({ UserPoolTier, ...input, AliasAttributes, UsernameAttributes, UsernameConfiguration });
}

function given<K extends keyof Input>(input: Input, names: readonly K[]): Pick<Input, K> {
  const found: Partial<Pick<Input, K>> = {};
  for (const name of names) if (input[name] !== undefined) found[name] = input[name];
  return found as Pick<Input, K>; // each of them may be left out
}

/** Settings under which a pool would work in another way than it does here. */
function refuseUnmodelled(input: Input): void {
  if ((input.MfaConfiguration ?? 'OFF') !== 'OFF') throw unmodelled('multi-factor authentication (MfaConfiguration)');
  if (Object.values(input.LambdaConfig ?? {}).some((trigger) => trigger !== undefined)) throw unmodelled('Lambda triggers (LambdaConfig)');
  if (Object.keys(input.DeviceConfiguration ?? {}).length > 0) throw unmodelled('remembered devices (DeviceConfiguration)');
  if ((input.UserPoolAddOns?.AdvancedSecurityMode ?? 'OFF') !== 'OFF') throw unmodelled('threat protection (UserPoolAddOns)');
  if ((input.Policies?.PasswordPolicy?.PasswordHistorySize ?? 0) > 0) throw unmodelled('the history of passwords (PasswordHistorySize)');
  const factors = input.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? ['PASSWORD'];
  if (factors.some((factor) => factor !== 'PASSWORD')) throw unmodelled('sign-in without passwords (SignInPolicy)');
  if (input.VerificationMessageTemplate?.DefaultEmailOption === 'CONFIRM_WITH_LINK')
    throw unmodelled('verification by a link, which needs a domain (CONFIRM_WITH_LINK)');
}

function policyOf({ Policies, AdminCreateUserConfig }: Input): PasswordPolicy {
  const policy: PasswordPolicyType | undefined = Policies?.PasswordPolicy;
  const unused = AdminCreateUserConfig?.UnusedAccountValidityDays;
  const days = policy?.TemporaryPasswordValidityDays;
  if (unused !== undefined && days !== undefined && unused !== days)
    throw invalidParameter('Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays');
  const isDefault = policy === undefined;
  return {
    MinimumLength: policy?.MinimumLength ?? MIN_LENGTH,
    RequireUppercase: policy?.RequireUppercase ?? isDefault,
    RequireLowercase: policy?.RequireLowercase ?? isDefault,
    RequireNumbers: policy?.RequireNumbers ?? isDefault,
    RequireSymbols: policy?.RequireSymbols ?? isDefault,
    TemporaryPasswordValidityDays: (days ?? unused) || TEMPORARY_DAYS,
  };
}

/** The older members say the same as the template's. */
function templateOf(input: Input): PoolSettings['VerificationMessageTemplate'] {
  const { VerificationMessageTemplate: template } = input;
  const SmsMessage = template?.SmsMessage ?? input.SmsVerificationMessage;
  const EmailMessage = template?.EmailMessage ?? input.EmailVerificationMessage;
  const EmailSubject = template?.EmailSubject ?? input.EmailVerificationSubject;
  return {
    ...(SmsMessage === undefined ? {} : { SmsMessage }),
    ...(EmailMessage === undefined ? {} : { EmailMessage }),
    ...(EmailSubject === undefined ? {} : { EmailSubject }),
    ...(template?.EmailMessageByLink === undefined ? {} : { EmailMessageByLink: template.EmailMessageByLink }),
    ...(template?.EmailSubjectByLink === undefined ? {} : { EmailSubjectByLink: template.EmailSubjectByLink }),
    DefaultEmailOption: 'CONFIRM_WITH_CODE',
  };
}

/** "You cannot use admin_only with any other account recovery mechanism." */
function checkRecovery({ AccountRecoverySetting }: Input): void {
  const mechanisms = AccountRecoverySetting?.RecoveryMechanisms ?? [];
  const names = mechanisms.map(({ Name }) => Name);
  if (names.includes('admin_only') && names.length > 1)
    throw invalidParameter('Invalid account recovery setting: admin_only cannot be combined with other mechanisms.');
  if (new Set(names).size < names.length || new Set(mechanisms.map(({ Priority }) => Priority)).size < names.length)
    throw invalidParameter('Invalid account recovery setting: names and priorities must be unique.');
}
