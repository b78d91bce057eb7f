/** The list of outcomes is closed and explained. */
import { expect, it } from 'vitest';
import { answerRefusal, explainOutcome, OUTCOMES, refusalBehind } from '#model/verdict.ts';

it('every outcome has a sentence of its own', () => {
  const sentences = OUTCOMES.map(explainOutcome);
  expect(new Set(sentences).size).toBe(OUTCOMES.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

it('every refusal has its twin on the answer', () => {
  expect(answerRefusal('aclDeniedIn')).toBe('returnAclDeniedIn');
  expect(OUTCOMES.filter((outcome) => outcome.startsWith('return'))).toHaveLength((OUTCOMES.length - 3) / 2 + 1);
});

it.each([
  ['delivered', undefined],
  ['handedOver', undefined],
  ['returnAsymmetric', undefined],
  ['noRoute', 'noRoute'],
  ['returnNoRoute', 'noRoute'],
  ['returnAclDeniedIn', 'aclDeniedIn'],
] as const)('behind %s is %s', (outcome, refusal) => {
  expect(refusalBehind(outcome)).toBe(refusal);
});
