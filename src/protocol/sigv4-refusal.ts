/** The codes and the words in which each family of AWS services refuses a signature. */
import { AwsError } from '#protocol/aws-error.ts';

/**
 * Which services speak alike: `ec2` is EC2 alone; `query` is query and REST-XML (IAM, STS, ELB, Route 53); `json` is JSON 1.0
 * and 1.1; `rest-json` is API Gateway, Lambda and the like; `s3` is S3 alone.
 */
export type SignatureFamily = 'ec2' | 'query' | 'json' | 'rest-json' | 's3';

/** What can be wrong with a claim; the detail, where there is one, is AWS's own sentence. */
export type Refusal =
  | { readonly kind: 'missing' }
  | { readonly kind: 'incomplete'; readonly detail: string }
  | { readonly kind: 'mismatch'; readonly detail?: string }
  | { readonly kind: 'early' | 'late'; readonly detail: string; readonly presigned: boolean }
  | { readonly kind: 'unknown-key' }
  | { readonly kind: 'bad-token' }
  | { readonly kind: 'expired-token' };

interface Words {
  readonly code: string;
  readonly status: number;
  /** Used when the refusal brings no sentence of its own, or always when `fixed`. */
  readonly message: string;
  readonly fixed?: true;
}

const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

// EC2 tells nobody what was wrong, not even a clock that is off: https://github.com/aws/aws-sdk-java/issues/519
const EC2_FAILURE: Words = {
  code: 'AuthFailure',
  status: 401,
  message: 'AWS was not able to validate the provided access credentials',
  fixed: true,
};
const EC2_EXPIRED: Words = { code: 'RequestExpired', status: 400, message: 'Request has expired.', fixed: true };

const jsonWords = (status: number, missing: string): Readonly<Record<Refusal['kind'], Words>> => ({
  missing: { code: 'MissingAuthenticationTokenException', status, message: missing },
  incomplete: { code: 'IncompleteSignatureException', status, message: '' },
  mismatch: { code: 'InvalidSignatureException', status, message: MISMATCH },
  early: { code: 'InvalidSignatureException', status, message: '' },
  late: { code: 'InvalidSignatureException', status, message: '' },
  'unknown-key': { code: 'UnrecognizedClientException', status, message: INVALID_TOKEN },
  'bad-token': { code: 'UnrecognizedClientException', status, message: INVALID_TOKEN },
  'expired-token': { code: 'ExpiredTokenException', status, message: EXPIRED_TOKEN },
});

const FAMILIES: Readonly<Record<SignatureFamily, Readonly<Record<Refusal['kind'], Words>>>> = {
  ec2: {
    // Not MissingAuthenticationToken, whatever the list of errors says: https://github.com/aws/aws-sdk-java-v2/issues/120
    missing: { code: 'MissingParameter', status: 400, message: 'The request must contain the parameter AWSAccessKeyId' },
    incomplete: { code: 'IncompleteSignature', status: 400, message: '' },
    mismatch: EC2_FAILURE,
    early: EC2_FAILURE,
    late: EC2_FAILURE,
    'unknown-key': EC2_FAILURE,
    'bad-token': EC2_FAILURE,
    'expired-token': EC2_EXPIRED,
  },
  query: {
    missing: { code: 'MissingAuthenticationToken', status: 403, message: 'Request is missing Authentication Token' },
    incomplete: { code: 'IncompleteSignature', status: 400, message: '' },
    mismatch: { code: 'SignatureDoesNotMatch', status: 403, message: MISMATCH },
    early: { code: 'SignatureDoesNotMatch', status: 403, message: '' },
    late: { code: 'SignatureDoesNotMatch', status: 403, message: '' },
    'unknown-key': { code: 'InvalidClientTokenId', status: 403, message: INVALID_TOKEN },
    'bad-token': { code: 'InvalidClientTokenId', status: 403, message: INVALID_TOKEN },
    'expired-token': { code: 'ExpiredToken', status: 403, message: EXPIRED_TOKEN },
  },
  json: jsonWords(400, 'Request is missing Authentication Token'),
  'rest-json': jsonWords(403, 'Missing Authentication Token'),
  s3: {
    missing: { code: 'AccessDenied', status: 403, message: 'Access Denied' },
    incomplete: { code: 'AuthorizationHeaderMalformed', status: 400, message: '' },
    mismatch: {
      code: 'SignatureDoesNotMatch',
      status: 403,
      message: 'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    },
    early: {
      code: 'RequestTimeTooSkewed',
      status: 403,
      message: 'The difference between the request time and the current time is too large.',
      fixed: true,
    },
    late: {
      code: 'RequestTimeTooSkewed',
      status: 403,
      message: 'The difference between the request time and the current time is too large.',
      fixed: true,
    },
    'unknown-key': {
      code: 'InvalidAccessKeyId',
      status: 403,
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    },
    'bad-token': { code: 'InvalidToken', status: 400, message: 'The provided token is malformed or otherwise invalid.' },
    'expired-token': { code: 'ExpiredToken', status: 400, message: 'The provided token has expired.' },
  },
};

function wordsOf(family: SignatureFamily, refusal: Refusal): Words {
  if (refusal.kind === 'late' && refusal.presigned) {
    if (family === 'ec2') return EC2_EXPIRED;
    if (family === 's3') return { code: 'AccessDenied', status: 403, message: 'Request has expired', fixed: true };
  }
  return FAMILIES[family][refusal.kind];
}

/** The error in which a family of services refuses a signature. */
export function refuse(family: SignatureFamily, refusal: Refusal): AwsError {
  const words = wordsOf(family, refusal);
  const detail = words.fixed || !('detail' in refusal) ? undefined : refusal.detail;
  return new AwsError(words.code, detail ?? words.message, words.status, family === 'query' ? { Type: 'Sender' } : {});
}
