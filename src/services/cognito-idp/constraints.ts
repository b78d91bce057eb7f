/** Lengths, ranges and patterns that AWS's model sets for members, wherever they are. */
import type { Constraints } from '#aws/constraints.ts';

const name = { min: 1, max: 128, pattern: String.raw`[\p{L}\p{M}\p{S}\p{N}\p{P}]+` };
const friendlyName = { min: 1, max: 128, pattern: String.raw`[\w\s+=,.@-]+` };
const password = { max: 256, pattern: String.raw`[\S]+`, isSecret: true } as const;
const token = { min: 1, pattern: String.raw`[A-Za-z0-9-_=.]+`, isSecret: true } as const;
const secret = { min: 24, max: 64, pattern: String.raw`[\w+]+`, isSecret: true } as const;
const secretHash = { min: 1, max: 128, pattern: String.raw`[\w+=\/]+`, isSecret: true } as const;
const code = { min: 1, max: 2048, pattern: String.raw`[\S]+` };
const arn = { min: 20, max: 2048, pattern: String.raw`arn:[\w+=\/,.@-]+:[\w+=\/,.@-]+:([\w+=\/,.@-]*)?:[0-9]+:[\w+=\/,.@-]+(:[\w+=\/,.@-]+)?(:[\w+=\/,.@-]+)?` }; // prettier-ignore
const attributeName = { min: 1, max: 32, pattern: String.raw`[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+` };
const attributeValue = { max: 2048, isSecret: true } as const;
const schemaName = { min: 1, max: 20, pattern: String.raw`[\p{L}\p{M}\p{S}\p{N}\p{P}]+` };
const validity = { min: 1, max: 86_400 };
const limit = { min: 0, max: 60 };
const mail = { min: 6, max: 20_000 };
const subject = { min: 1, max: 140 };
const sms = { min: 6, max: 140 };
const withCode = String.raw`[\s\S]*\{####\}[\s\S]*`;
const days = { min: 0, max: 365 };

export const constraints: Constraints = {
  poolName: friendlyName,
  clientName: friendlyName,
  userPoolId: { min: 1, max: 55, pattern: String.raw`[\w-]+_[0-9a-zA-Z]+` },
  clientId: { min: 1, max: 128, pattern: String.raw`[\w+]+` },
  clientSecret: secret,
  username: name,
  groupName: name,
  description: { max: 2048 },
  roleArn: arn,
  resourceArn: arn,
  password,
  temporaryPassword: password,
  previousPassword: password,
  proposedPassword: password,
  accessToken: token,
  refreshToken: token,
  token,
  secretHash,
  confirmationCode: code,
  code,
  session: { min: 20, max: 2048, isSecret: true },
  attributeName,
  userAttributeNames: attributeName,
  'userAttributes.name': attributeName,
  'userAttributes.value': attributeValue,
  attributesToGet: attributeName,
  filter: { max: 256 },
  limit,
  maxResults: { min: 1, max: 60 },
  nextToken: { min: 1, max: 131_072, pattern: String.raw`[\S]+` },
  paginationToken: { min: 1, pattern: String.raw`[\S]+` },
  refreshTokenValidity: { min: 0, max: 315_360_000 },
  accessTokenValidity: validity,
  idTokenValidity: validity,
  authSessionValidity: { min: 3, max: 15 },
  callbackURLs: { min: 0, max: 100 },
  logoutURLs: { min: 0, max: 100 },
  allowedOAuthScopes: { max: 50 },
  schema: { min: 1, max: 50 },
  'schema.name': schemaName,
  customAttributes: { min: 1, max: 25 },
  'customAttributes.name': schemaName,
  'policies.passwordPolicy.minimumLength': { min: 6, max: 99 },
  'policies.passwordPolicy.passwordHistorySize': { min: 0, max: 24 },
  'policies.passwordPolicy.temporaryPasswordValidityDays': days,
  'adminCreateUserConfig.unusedAccountValidityDays': days,
  'adminCreateUserConfig.inviteMessageTemplate.emailMessage': mail,
  'adminCreateUserConfig.inviteMessageTemplate.emailSubject': subject,
  'adminCreateUserConfig.inviteMessageTemplate.sMSMessage': sms,
  'accountRecoverySetting.recoveryMechanisms': { min: 1, max: 2 },
  'accountRecoverySetting.recoveryMechanisms.priority': { min: 1, max: 2 },
  emailVerificationMessage: { ...mail, pattern: withCode },
  emailVerificationSubject: subject,
  smsVerificationMessage: { ...sms, pattern: withCode },
  smsAuthenticationMessage: { ...sms, pattern: withCode },
  'verificationMessageTemplate.emailMessage': { ...mail, pattern: withCode },
  'verificationMessageTemplate.emailSubject': subject,
  'verificationMessageTemplate.smsMessage': { ...sms, pattern: withCode },
};
