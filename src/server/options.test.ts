import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, isLoopbackHost } from '#server/loopback.ts';
import { OptionError, readOptions } from '#server/options.ts';
import type { GivenOptions } from '#server/options.ts';

const refused = (given: GivenOptions, environment = {}): string => {
  try {
    readOptions(given, environment);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  return 'taken';
};

describe('readOptions', () => {
  it('has defaults', () => {
    expect(readOptions({})).toEqual({
      port: 4566,
      host: '127.0.0.1',
      data: '.keiro',
      auth: 'off',
      quotas: 'on',
      packets: 'auto',
      outbound: false,
      dns: 'auto',
      certificates: 'auto',
      logLevel: 'info',
      region: 'us-east-1',
    });
  });

  it('takes the environment where nothing is given', () => {
    const environment = { KEIRO_PORT: '5000', KEIRO_DATA: '/d', AWS_REGION: 'eu-west-1' };
    expect(readOptions({}, environment)).toMatchObject({ port: 5000, data: '/d', region: 'eu-west-1' });
    expect(readOptions({ port: 1, data: '/e', region: 'ap-northeast-1' }, environment)).toMatchObject({
      port: 1,
      data: '/e',
      region: 'ap-northeast-1',
    });
    expect(readOptions({}, { KEIRO_PORT: '', KEIRO_DATA: '', AWS_REGION: '' })).toMatchObject({ port: 4566, data: '.keiro' });
  });

  it('takes a port for names, or none', () => {
    expect([readOptions({ dns: '5354' }).dns, readOptions({ dns: 0 }).dns, readOptions({ dns: 'off' }).dns]).toEqual([5354, 0, 'off']);
    expect(refused({ dns: '70000' })).toBe('--dns is auto, off, or a port from 0 to 65535, not "70000"');
    expect(refused({ dns: 'on' })).toBe('--dns is auto, off, or a port from 0 to 65535, not "on"');
  });

  it('takes the file that says where addresses are', () => {
    expect(readOptions({ geo: 'city.mmdb' }).geo).toBe('city.mmdb');
    expect(readOptions({})).not.toHaveProperty('geo');
  });

  it('moves packets and leads outside as it is told', () => {
    expect(readOptions({ packets: 'on', outbound: true })).toMatchObject({ packets: 'on', outbound: true });
    expect(readOptions({ packets: 'off', outbound: false })).toMatchObject({ packets: 'off', outbound: false });
  });

  it.each(['0.0.0.0', '::', '[::]', '192.0.2.1', 'keiro.example', '2001:db8::1'])('verifies signatures on %s', (host) => {
    expect(readOptions({ host }).auth).toBe('sigv4');
    expect(readOptions({ host, auth: 'sigv4' }).auth).toBe('sigv4');
  });

  it('refuses to start open to other machines without signatures', () => {
    expect(refused({ host: '0.0.0.0', auth: 'off' })).toBe(
      '--listen 0.0.0.0 opens Keiro to other machines, and with --auth off whoever reaches it owns it: leave out --auth off, or listen on 127.0.0.1',
    );
    expect(refused({ host: '::1', auth: 'off' })).toBe('taken');
    expect(refused({ host: 'localhost', auth: 'off' })).toBe('taken');
  });

  it.each<[GivenOptions, string]>([
    [{ port: 'http' }, '--port is a number from 0 to 65535, not "http"'],
    [{ port: 65_536 }, '--port is a number from 0 to 65535, not 65536'],
    [{ port: '-1' }, '--port is a number from 0 to 65535, not "-1"'],
    [{ port: 1.5 }, '--port is a number from 0 to 65535, not 1.5'],
    [{ host: 'no host' }, '--listen is an address or a host name, not "no host"'],
    [{ data: '' }, '--data is the name of a directory'],
    [{ geo: '' }, '--geo is the name of a file'],
    [{ auth: 'on' }, '--auth is one of off, sigv4, not "on"'],
    [{ quotas: 'none' }, '--quotas is one of on, off, not "none"'],
    [{ certificates: 'none' }, '--certificates is one of auto, strict, not "none"'],
    [{ packets: 'yes' }, '--packets is one of auto, on, off, not "yes"'],
    [{ packets: 'off', outbound: true }, '--outbound is of no use with --packets off: leave out one of them'],
    [{ logLevel: 'loud' }, '--log-level is one of fatal, error, warn, info, debug, trace, silent, not "loud"'],
    [{ region: 'Europe' }, '--region is the name of an AWS Region such as eu-west-1, not "Europe"'],
  ])('refuses %j', (given, message) => {
    expect(refused(given)).toBe(message);
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'])('is %s', (address) => expect(isLoopbackAddress(address)).toBe(true));
  it.each(['0.0.0.0', '128.0.0.1', '::', '::2', '::ffff:10.0.0.1', '', 'localhost'])('is not the address %j', (address) =>
    expect(isLoopbackAddress(address)).toBe(false),
  );
  it.each(['localhost', 'LOCALHOST', 'a.b.localhost', '127.0.0.1'])('is the host %s', (host) => expect(isLoopbackHost(host)).toBe(true));
  it.each(['localhost.example', 'notlocalhost', '.localhost', ''])('is not the host %j', (host) =>
    expect(isLoopbackHost(host)).toBe(false),
  );
});
