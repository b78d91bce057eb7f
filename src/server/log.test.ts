import { describe, expect, it } from 'vitest';
import { createLog, logRequest } from '#server/log.ts';
import type { LogLevel } from '#server/log-level.ts';

function written(level: LogLevel) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog(level, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }); // pino's lines are objects
  return { log, lines };
}

const call = {
  requestId: 'r-1',
  account: '123456789012',
  region: 'eu-west-1',
  service: 'ec2',
  operation: 'CreateVpc',
  status: 200,
  code: undefined,
  ms: 1.5,
};

describe('log', () => {
  it('writes a line per request when asked for detail', () => {
    const { log, lines } = written('debug');
    logRequest(log, { ...call, status: 400, code: 'InvalidVpcID.NotFound' });
    expect(lines).toEqual([
      {
        level: 'debug',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        ...call,
        status: 400,
        code: 'InvalidVpcID.NotFound',
        msg: 'request',
      },
    ]);
  });

  it('writes of failed requests only by default', () => {
    const { log, lines } = written('info');
    logRequest(log, call);
    expect(lines).toEqual([]);
    logRequest(log, { ...call, status: 500, code: 'InternalError' });
    expect(lines).toMatchObject([{ level: 'info', status: 500, code: 'InternalError' }]);
  });

  it('writes no more of a call than a line has room for', () => {
    const { log, lines } = written('debug');
    const careless = { ...call, body: 'secret', headers: { authorization: 'secret' }, input: { SecretAccessKey: 'secret' } };
    logRequest(log, careless);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('writes errors with their stack', () => {
    const { log, lines } = written('error');
    log.error({ err: new Error('a bug') }, 'failed');
    expect(lines).toMatchObject([
      { level: 'error', msg: 'failed', err: { type: 'Error', message: 'a bug', stack: expect.stringContaining('log.test.ts') } },
    ]);
  });
});
