/** An expected failure of an AWS call, with the code and the words that AWS uses. */
export class AwsError extends Error {
  /** AWS's error code, e.g. `InvalidVpcID.NotFound`. */
  readonly code: string;
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Further members of the error's shape, e.g. `{ Type: 'Sender' }`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
