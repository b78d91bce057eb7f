/** What IAM's model asks of members, the same in every operation. */
import type { Constraints } from '#aws/constraints.ts';

const nameWords = (member: string): string =>
  `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
const pathWords = (member: string): string =>
  `The specified value for ${member} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.`;

const name = (member: string, max: number) => ({ min: 1, max, pattern: '[\\w+=,.@-]+', words: nameWords(member) });
const path = (member: string) => ({ min: 1, max: 512, pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', words: pathWords(member) });
const document = { min: 1, max: 131_072, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' };
const arn = { min: 20, max: 2048 };

export const constraints: Constraints = {
  UserName: name('userName', 128),
  NewUserName: name('newUserName', 64),
  GroupName: name('groupName', 128),
  NewGroupName: name('newGroupName', 128),
  RoleName: name('roleName', 64),
  PolicyName: name('policyName', 128),
  InstanceProfileName: name('instanceProfileName', 128),
  Path: path('path'),
  NewPath: path('newPath'),
  PathPrefix: { min: 1, max: 512, pattern: '\\u002F[\\u0021-\\u007F]*' },
  PolicyDocument: document,
  AssumeRolePolicyDocument: document,
  PolicyArn: arn,
  PermissionsBoundary: arn,
  PolicySourceArn: arn,
  VersionId: { pattern: 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?' },
  AccessKeyId: { min: 16, max: 128, pattern: '[\\w]+' },
  AccountAlias: {
    min: 3,
    max: 63,
    pattern: '[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]',
  },
  MaxSessionDuration: { min: 3600, max: 43_200 },
  MaxItems: { min: 1, max: 1000 },
  Marker: { min: 1, max: 320 },
  Description: { max: 1000, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*' },
  Tags: { max: 50 },
  TagKeys: { max: 50 },
};

/** CreateUser takes shorter names than exist: users from before keep theirs. */
export const newUserName: Constraints = { UserName: name('userName', 64) };
