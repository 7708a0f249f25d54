import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { invalidInput } from './invalid.ts';
import { apiLimits } from './limits.ts';
import { type OperationId, operationOf } from './operations/index.ts';

/** Inputs at each bound of the contract, and one over it. Sizes of bodies are the edge's: apps/node/src/http. */

const taken = (id: OperationId, input: unknown) => operationOf(id).input.safeParse(input).success;
const items = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 1 }));
const keysOf = (count: number) => items(count).map(({ key }) => key);

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('an input at the bound is taken, one over it is not', () => {
  const { batchItemsMax, cursorCharsMax, contextCharsMax, ttlSecondsMax, replicasMax } = apiLimits;
  const cases: readonly (readonly [string, OperationId, (over: number) => unknown])[] = [
    [
      'levels of a value (apiLimits.jsonDepthMax)',
      'data.put',
      (over) => ({ key: 'k', value: nested(apiLimits.jsonDepthMax + over) }),
    ],
    [
      'characters of a context (apiLimits.contextCharsMax)',
      'data.put',
      (over) => ({ key: 'k', value: 1, context: 'A'.repeat(contextCharsMax + over) }),
    ],
    [
      'seconds to live (apiLimits.ttlSecondsMax)',
      'data.put',
      (over) => ({ key: 'k', value: 1, ttlSeconds: ttlSecondsMax + over }),
    ],
    [
      'milliseconds to wait (apiLimits.requestDeadlineMsMax)',
      'data.get',
      (over) => ({ key: 'k', timeoutMs: apiLimits.requestDeadlineMsMax + over }),
    ],
    [
      'replicas of a read (apiLimits.replicasMax)',
      'data.get',
      (over) => ({ key: 'k', r: replicasMax + over }),
    ],
    [
      'replicas of a write (apiLimits.replicasMax)',
      'data.put',
      (over) => ({ key: 'k', value: 1, w: replicasMax + over }),
    ],
    [
      'keys of a page (apiLimits.listPageKeysMax)',
      'data.list',
      (over) => ({ limit: apiLimits.listPageKeysMax + over }),
    ],
    [
      'characters of a cursor (apiLimits.cursorCharsMax)',
      'data.list',
      (over) => ({ cursor: 'A'.repeat(cursorCharsMax + over) }),
    ],
    [
      'keys of a batch (apiLimits.batchItemsMax)',
      'batch.get',
      (over) => ({ keys: keysOf(batchItemsMax + over) }),
    ],
    [
      'items of a batch (apiLimits.batchItemsMax)',
      'batch.put',
      (over) => ({ items: items(batchItemsMax + over) }),
    ],
    [
      'a batch’s request id (apiLimits.batchRequestIdCharsMax)',
      'batch.put',
      (over) => ({ items: items(1), requestId: 'r'.repeat(apiLimits.batchRequestIdCharsMax + over) }),
    ],
    [
      'a node’s weight (apiLimits.ringWeightMax)',
      'cluster.plan',
      (over) => ({ kind: 'join', nodeId: 'n', weight: apiLimits.ringWeightMax + over }),
    ],
    ['a bucket (apiLimits.bucketMax)', 'merkle.tree', (over) => ({ to: apiLimits.bucketMax + over })],
    [
      'levels of a hash tree (apiLimits.treeDepthMax)',
      'merkle.tree',
      (over) => ({ depth: apiLimits.treeDepthMax + over }),
    ],
    [
      'nodes of a hash tree (apiLimits.treePageNodesMax)',
      'merkle.tree',
      (over) => ({ limit: apiLimits.treePageNodesMax + over }),
    ],
    [
      'differing keys (apiLimits.differencesPageMax)',
      'merkle.compare',
      (over) => ({ node: 'n', limit: apiLimits.differencesPageMax + over }),
    ],
  ];
  test.each(cases)('%s', (_, id, inputOf) => {
    expect(taken(id, inputOf(0))).toBe(true);
    expect(taken(id, inputOf(1))).toBe(false);
  });
});

test('the cursor of the longest key is within its bound (apiLimits.cursorCharsMax)', () => {
  // Base64url writes three bytes as four characters.
  expect(Math.ceil((apiLimits.keyBytesMax * 4) / 3)).toBeLessThanOrEqual(apiLimits.cursorCharsMax);
});

test('so many problems are told of, and no more (apiLimits.issuesToldMax)', () => {
  const told = (problems: number) => {
    const refused = z.array(z.string()).safeParse(Array.from({ length: problems }, () => 1));
    const { details } = invalidInput(refused.error ?? new z.ZodError([]));
    return Array.isArray(details?.['issues']) ? details['issues'].length : null;
  };
  expect(told(apiLimits.issuesToldMax)).toBe(apiLimits.issuesToldMax);
  expect(told(apiLimits.issuesToldMax + 1)).toBe(apiLimits.issuesToldMax);
});
