import { checkExamples } from '@starling/api-types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_170, 3);
});

afterAll(() => cluster.close());

describe('the contract', () => {
  it.each([1, 2, 3])('holds in every example on real node %i', async (number) => {
    const verdicts = await checkExamples(`http://127.0.0.1:${cluster.node(number).port}`, fetch);
    expect(verdicts.length).toBeGreaterThan(20);
    expect(verdicts.filter((verdict) => verdict.problem !== null)).toEqual([]);
  });
});
