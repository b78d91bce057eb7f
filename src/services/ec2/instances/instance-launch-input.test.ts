import { describe, expect, test } from 'vitest';
import { checkUserData, requireInstanceType } from '#services/ec2/instances/instance-launch-input.ts';

describe('user data', () => {
  test.each([
    ['', ''],
    ['IyEvYmluL3No', 'IyEvYmluL3No'],
    ['IyEv\nYmlu\r\nL3No ', 'IyEvYmluL3No'],
    ['YQ==', 'YQ=='],
    ['YWI=', 'YWI='],
    // Without padding, as some tools send it.
    ['YQ', 'YQ=='],
    ['YWI', 'YWI='],
    [Buffer.alloc(16_384, 1).toString('base64'), Buffer.alloc(16_384, 1).toString('base64')],
  ])('%# is taken', (text, kept) => expect(checkUserData(text)).toBe(kept));

  test.each(['#!/bin/sh', 'YQ=', 'Y', 'YQ===', 'Y=Q=', 'ä', 'YQ==YQ=='])('%j is no base64', (text) =>
    expect(() => checkUserData(text)).toThrow('Invalid BASE64 encoding of user data.'),
  );

  test('is limited before its encoding', () =>
    expect(() => checkUserData(Buffer.alloc(16_385).toString('base64'))).toThrow('User data is limited to 16384 bytes'));
});

describe('an instance type that is not in the catalogue', () => {
  test.each(['m8g.48xlarge', 'p5.48xlarge', 'u-6tb1.112xlarge', 'c7i-flex.large', 'm7i.metal-24xl', 'hpc7g.4xlarge', 'mac2-m2.metal'])(
    '%s is said to be lacking',
    (name) => expect(() => requireInstanceType(name)).toThrow(`Keiro does not have the instance type '${name}'`),
  );

  test.each(['', 't3', 't3.mikro', 'T3.micro', 't3.micro ', 't3.xxlarge', '.micro'])('%j is none', (name) =>
    expect(() => requireInstanceType(name)).toThrow(`Invalid value '${name}' for InstanceType.`),
  );
});
