import { describe, expect, it } from 'vitest';
import { Complaint } from '#cli/complaint.ts';
import { loginProgram } from '#cli/exec.ts';

describe('loginProgram', () => {
  const variables = ['HOME=/root', 'PATH=/run/keiro/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

  it('passes terminal and language, nothing else', () => {
    const program = loginProgram('ec2-user', ['ls', 'a b'], { TERM: 'xterm', LANG: 'ja_JP.UTF-8', SECRET: 'x' });
    expect(program.slice(0, 8)).toEqual(['env', '-i', ...variables, 'TERM=xterm', 'LANG=ja_JP.UTF-8', 'sh', '-c']);
    expect(program.slice(9)).toEqual(['keiro', 'ec2-user', 'ls', 'a b']);
  });

  it('has a terminal and a language where the caller has none', () => {
    expect(loginProgram('root', [], {})).toEqual(expect.arrayContaining(['TERM=dumb', 'LANG=C.UTF-8']));
  });

  it.each(['', '-x', 'a b', 'a:b', 'a\nb', '$(id)', '.*'])('refuses the user %j', (user) => {
    expect(() => loginProgram(user, [], {})).toThrow(Complaint);
  });
});
