/** The SDK package whose types Cognito user pools' operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type CognitoOperations = Operations<typeof import('@aws-sdk/client-cognito-identity-provider')>;
