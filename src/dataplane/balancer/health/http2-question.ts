/** Health checks of HTTP/2 and gRPC target groups: one request on an HTTP/2 connection. */
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { isIPv6, type Socket } from 'node:net';
import type { CheckPlan } from '#dataplane/balancer/health/check-plan.ts';
import { FAILED, PASS, type Outcome } from '#dataplane/balancer/health/outcome.ts';

const MAX_BODY_BYTES = 65_536;
/** A gRPC message of no bytes: not compressed, length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** @param socket connected, with TLS where the check has it; destroyed at the end */
export function askHttp2(plan: CheckPlan, socket: Socket, finish: (outcome: Outcome) => void): void {
  const isGrpc = plan.version === 'GRPC';
  const ip = isIPv6(plan.address) ? `[${plan.address}]` : plan.address;
  const authority = `${ip}:${plan.port}`;
  const scheme = plan.protocol.toLowerCase();
  const session = connect(`${scheme}://${authority}`, { createConnection: () => socket, maxHeaderListPairs: 100 });
  const end = (outcome: Outcome): void => {
    finish(outcome);
    session.destroy();
    socket.destroy();
  };
  session.on('error', () => end(FAILED));
  const stream = session.request(
    {
      [constants.HTTP2_HEADER_METHOD]: isGrpc ? 'POST' : 'GET',
      [constants.HTTP2_HEADER_PATH]: plan.path,
      'user-agent': 'ELB-HealthChecker/2.0',
      ...(isGrpc ? { 'content-type': 'application/grpc', te: 'trailers' } : {}),
    },
    { endStream: !isGrpc },
  );
  if (isGrpc) stream.end(EMPTY_MESSAGE);
  let bodyBytes = 0;
  stream
    .on('error', () => end(FAILED))
    .on('response', (headers) => {
      // gRPC: answers without a body have their status here.
      if (!isGrpc || headers['grpc-status'] !== undefined) end(judge(plan, isGrpc ? headers['grpc-status'] : headers[':status']));
    })
    .on('trailers', (headers) => end(judge(plan, headers['grpc-status'])))
    .on('data', (bytes: Buffer) => {
      bodyBytes += bytes.length;
      if (bodyBytes > MAX_BODY_BYTES) end(FAILED);
    })
    .on('close', () => end(FAILED));
}

function judge(plan: CheckPlan, status: IncomingHttpHeaders[string] | number): Outcome {
  const code = Number(status);
  if (!Number.isInteger(code)) return FAILED;
  return plan.passes(code) ? PASS : { kind: 'code', code };
}
