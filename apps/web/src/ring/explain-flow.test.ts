import type { ExplainReport } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { answeredSteps, explainSentence, lastMomentUs } from './explain-flow.ts';

const explain: ExplainReport = {
  coordinator: 'node-1',
  forwardedBy: null,
  ringEpoch: 3,
  bucket: 7,
  replicas: ['node-1', 'node-2', 'node-3'],
  pending: [],
  needed: 2,
  totalUs: 900,
  steps: [
    { replica: 'node-1', phase: 'store', sentUs: 10, answeredUs: 500, result: 'ok', closedQuorum: false },
    { replica: 'node-3', phase: 'store', sentUs: 12, answeredUs: null, result: 'down', closedQuorum: false },
    { replica: 'node-2', phase: 'store', sentUs: 11, answeredUs: 880, result: 'ok', closedQuorum: true },
  ],
};

describe('an explained request', () => {
  it('is told in the order things were sent, with the order of the answers', () => {
    const steps = answeredSteps(explain);
    expect(steps.map((step) => [step.replica, step.order, step.tookUs])).toEqual([
      ['node-1', 1, 490],
      ['node-2', 2, 869],
      ['node-3', null, null],
    ]);
  });

  it('says who closed the quorum, or that nobody did', () => {
    expect(explainSentence(explain)).toContain('The answer of node-2 closed the quorum.');
    const open = { ...explain, steps: explain.steps.map((step) => ({ ...step, closedQuorum: false })) };
    expect(explainSentence(open)).toContain('The quorum was not reached.');
    expect(explainSentence({ ...explain, forwardedBy: 'node-9' })).toMatch(/^node-9 is no replica/);
  });

  it('reaches to the last answer, also one that came after the end', () => {
    const late = { ...explain.steps[1]!, answeredUs: 1500 };
    expect(lastMomentUs({ ...explain, steps: [...explain.steps, late] })).toBe(1500);
    expect(lastMomentUs({ ...explain, steps: [], totalUs: 0 })).toBe(1);
  });
});
