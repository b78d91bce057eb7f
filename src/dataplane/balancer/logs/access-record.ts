/** What is told of a request, or a connection, that is over: the input of the access logs. */

/** Undefined is the log's `-`, and a time of −1 its −1. Texts from clients have one octet a character. */
export interface AccessRecord {
  readonly type: 'http' | 'https' | 'h2' | 'grpcs' | 'ws' | 'wss';
  /** When the answer was made, or an upgraded connection ended. Epoch, with fractions. */
  readonly timeMs: number;
  /** When the request came. Epoch, with fractions. */
  readonly creationTimeMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** Undefined: no target got the request, or it is a function. */
  readonly target: Endpoint | undefined;
  readonly requestProcessingMs: number;
  readonly targetProcessingMs: number;
  readonly responseProcessingMs: number;
  /** What the client got. */
  readonly status: number;
  /** What the target said, where it did. */
  readonly targetStatus: number | undefined;
  /** With heads. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** `GET http://host:80/path?query HTTP/1.1`; `- http://host:port- -` where no line was read. */
  readonly request: string;
  readonly userAgent: string | undefined;
  /** In OpenSSL's words. */
  readonly tlsCipher: string | undefined;
  /** `TLSv1.2`. */
  readonly tlsProtocol: string | undefined;
  /** Its ARN. */
  readonly targetGroupId: string | undefined;
  /** The value of `X-Amzn-Trace-Id`. */
  readonly traceId: string | undefined;
  /** The name that the client asked for, where a certificate is for it. */
  readonly serverName: string | undefined;
  /** Its ARN, or `session-reused`. */
  readonly certificateId: string | undefined;
  /** 0: the default rule. −1: rules could not be evaluated. Undefined: another error came first. */
  readonly rulePriority: number | undefined;
  /** One, or several with commas: `authenticate,forward`. */
  readonly action: string | undefined;
  /** The `Location` of a redirect. */
  readonly redirectUrl: string | undefined;
  /** AWS's code, e.g. `LambdaTimeout`. */
  readonly errorReason: string | undefined;
  /** `Acceptable`, `Ambiguous`, `Severe`, where the request did not keep to RFC 7230. */
  readonly classification: string | undefined;
  readonly classificationReason: string | undefined;
  /** `TID_…`, the same for all requests of a connection. */
  readonly connectionTraceId?: string;
  /** What a rule's transforms made of the request, where it has some. */
  readonly transform?: { readonly host?: string; readonly uri?: string; readonly status: string };
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A connection of a TLS listener of a network load balancer that is over. */
export interface TlsConnectionRecord {
  /** Epoch. */
  readonly endedMs: number;
  /** The last part of the listener's ARN. */
  readonly listenerId: string;
  readonly client: Endpoint;
  /** What the client connected to. */
  readonly destination: Endpoint;
  readonly connectionMs: number;
  readonly handshakeMs?: number;
  /** Without encryption. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The number of an alert from the client. */
  readonly alert?: number;
  /** Its ARN. */
  readonly certificateId?: string;
  readonly cipher?: string;
  /** As Node says it: `TLSv1.2`. */
  readonly protocol?: string;
  readonly domainName?: string;
  readonly alpn?: { readonly frontend?: string; readonly backend?: string; readonly offered?: readonly string[] };
}
