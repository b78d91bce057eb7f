import { describe, expect, it } from 'vitest';
import { internetEnvironment, onInternet, shellProgram } from '#cli/internet-setup.ts';

const arrival = {
  authority: 'PEM',
  resolver: '198.18.0.53',
  workingDirectory: '/somewhere',
  credentials: { AWS_ACCESS_KEY_ID: '123456789012', AWS_SECRET_ACCESS_KEY: 'keiro' },
  region: 'us-east-1',
};

describe('internetEnvironment', () => {
  it('gives what the caller has not', () => {
    expect(internetEnvironment({ HOME: '/h' }, arrival)).toEqual({
      HOME: '/h',
      AWS_ACCESS_KEY_ID: '123456789012',
      AWS_SECRET_ACCESS_KEY: 'keiro',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      AWS_CA_BUNDLE: '/run/keiro-shell/ca-bundle.crt',
      SSL_CERT_FILE: '/run/keiro-shell/ca-bundle.crt',
      CURL_CA_BUNDLE: '/run/keiro-shell/ca-bundle.crt',
      REQUESTS_CA_BUNDLE: '/run/keiro-shell/ca-bundle.crt',
      GIT_SSL_CAINFO: '/run/keiro-shell/ca-bundle.crt',
      NODE_EXTRA_CA_CERTS: '/run/keiro-shell/keiro-ca.crt',
      KEIRO_SHELL: '1',
      KEIRO_SETUP_CA: 'PEM',
      KEIRO_SETUP_RESOLVER: '198.18.0.53',
      KEIRO_SETUP_DIRECTORY: '/somewhere',
    });
  });

  it('keeps the caller’s credentials and Region', () => {
    const own = { AWS_ACCESS_KEY_ID: '1', AWS_SECRET_ACCESS_KEY: '2', AWS_SESSION_TOKEN: '3' };
    expect(internetEnvironment({ ...own, AWS_DEFAULT_REGION: 'eu-west-1' }, arrival)).toMatchObject({
      ...own,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
    });
    expect(internetEnvironment({ AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-1' }, arrival)).toMatchObject({
      AWS_REGION: 'eu-west-2',
    });
  });

  it('mixes no two keys', () => {
    const env = internetEnvironment({ AWS_ACCESS_KEY_ID: '1', AWS_SESSION_TOKEN: '3' }, arrival);
    expect([env['AWS_ACCESS_KEY_ID'], env['AWS_SESSION_TOKEN']]).toEqual(['123456789012', undefined]);
  });

  it('takes away what would lead elsewhere', () => {
    const leads = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_EC2', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'no_proxy'];
    const env = internetEnvironment(Object.fromEntries(leads.map((name) => [name, 'x'])), arrival);
    expect(leads.filter((name) => name in env)).toEqual([]);
  });
});

describe('programs', () => {
  it('are set up by a script, with their words as they are', () => {
    const [unshare, mount, shell, flag, script, name, ...program] = onInternet(['curl', 'a "b" $c']);
    expect([unshare, mount, shell, flag, name, program]).toEqual(['unshare', '--mount', 'sh', '-c', 'keiro', ['curl', 'a "b" $c']]);
    expect(script).toContain('exec "$@"\n');
  });

  it.each<[string | undefined, boolean, string]>([
    ['/bin/bash', true, '/bin/bash --rcfile /run/keiro-shell/bashrc -i'],
    ['/usr/bin/zsh', true, 'env ZDOTDIR=/run/keiro-shell /usr/bin/zsh -i'],
    ['/usr/bin/fish', true, 'env PS1=(keiro) #  /usr/bin/fish -i'],
    [undefined, true, '/bin/bash --rcfile /run/keiro-shell/bashrc -i'],
    ['/bin/dash', true, '/bin/bash --rcfile /run/keiro-shell/bashrc -i'],
    ['/bin/sh', false, 'env PS1=(keiro) #  /bin/sh -i'],
    ['/bin/ksh', true, 'env PS1=(keiro) #  /bin/ksh -i'],
  ])('the shell of %s (bash is there: %s)', (shell, hasBash, expected) => {
    expect(shellProgram(shell, hasBash).join(' ')).toBe(expected);
  });
});
