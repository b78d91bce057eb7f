/** What a wire protocol does for one service: read requests, write answers and errors. */
import type { AwsError } from '#protocol/aws-error.ts';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import type { Model } from '#protocol/model.ts';

export interface Protocol {
  /** The operation a request names (`Action=`, `X-Amz-Target`, or method and path); undefined when it names none that the model has. */
  operationOf(request: HttpRequest): string | undefined;
  /** The words the request uses for its operation, for error messages, even when the model lacks it. */
  namedOperation(request: HttpRequest): string | undefined;
  /** Why `operationOf` found nothing, in AWS's words: the request is malformed, names no operation, or one that the model lacks. */
  refusal(request: HttpRequest): AwsError;
  /**
   * The operation's input in the SDK's own spelling. Required members, closed enumerations, types and unknown
   * parameters are checked here.
   * @throws AwsError with the protocol's validation codes (e.g. EC2 `MissingParameter`, JSON `SerializationException`).
   */
  decode(operation: string, request: HttpRequest): Record<string, unknown>;
  /** The answer to a call. `output` uses the SDK's spelling; members that the schema lacks are left out. */
  encode(operation: string, output: Readonly<Record<string, unknown>>, requestId: string): HttpResponse;
  /** The answer to a call that failed. */
  encodeError(error: AwsError, requestId: string, operation?: string): HttpResponse;
  /** Name of the operation's member that carries the idempotency token, e.g. `ClientToken`. */
  idempotencyMember(operation: string): string | undefined;
}

/** The member of an operation's input that the model marks as its idempotency token. */
export function idempotencyMemberOf(model: Model, operation: string): string | undefined {
  return model.operation(operation)?.input?.members.find((member) => member.traits.idempotencyToken === 1)?.name;
}
