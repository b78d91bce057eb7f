import { expect, it } from 'vitest';
import { whyNoPackets } from '#cli/fabric-of.ts';

it.each([
  [true, 'the network in /d does not answer. Run this as the user who runs Keiro.'],
  ['on', 'the network in /d does not answer. Run this as the user who runs Keiro.'],
  [false, "this Keiro moves no packets. 'keiro doctor' says what this machine lacks; then start Keiro again, without --packets off."],
  ['off', "this Keiro moves no packets. 'keiro doctor' says what this machine lacks; then start Keiro again, without --packets off."],
  [
    'missing: bwrap',
    "this Keiro moves no packets (missing: bwrap). 'keiro doctor' says what this machine lacks; then start Keiro again, without --packets off.",
  ],
])('packets: %s', (packets, words) => {
  expect(whyNoPackets({ capabilities: { packets }, data: '/d' })).toBe(words);
});
