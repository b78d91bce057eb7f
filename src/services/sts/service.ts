/** STS: the operations of all its nouns. */
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { callers } from '#services/sts/callers.ts';
import { roleSessions } from '#services/sts/roles.ts';
import { userSessions } from '#services/sts/user-sessions.ts';

/** The model's own constraints, but for those of DurationSeconds, which differ between operations. */
const constraints: Constraints = {
  RoleArn: { min: 20, max: 2048 },
  RoleSessionName: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  SourceIdentity: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  ExternalId: { min: 2, max: 1224, pattern: '[\\w+=,.@:\\/-]*' },
  SerialNumber: { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' },
  TokenCode: { min: 6, max: 6, pattern: '[\\d]*' },
  Policy: { min: 1, max: 2048, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' },
  Name: { min: 2, max: 32, pattern: '[\\w+=,.@-]*' },
  AccessKeyId: { min: 16, max: 128, pattern: '[\\w]*' },
  EncodedMessage: { min: 1, max: 10_240 },
  Tags: { max: 50 },
  TransitiveTagKeys: { max: 50 },
};
/** Seconds: sessions of roles, and those of users. */
const roleDuration: Constraints = { ...constraints, DurationSeconds: { min: 900, max: 43_200 } };
const userDuration: Constraints = { ...constraints, DurationSeconds: { min: 900, max: 129_600 } };

export const sts = checkedService(defineService('sts', [callers, roleSessions, userSessions], { global: true }), (_context, input) =>
  checkConstraints('ValidationError', 'RoleArn' in input ? roleDuration : userDuration, input),
);
