import type { NodeId } from '@starling/core/base/ids.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { BucketRange } from '@starling/core/ring/bucket-range.ts';
import { planAbort, planDone, planFirst, planJoin } from '@starling/core/ring/plan.ts';
import { Ring } from '@starling/core/ring/ring.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import { bucketStart } from '@starling/core/ring/rows.ts';
import { transferPlan } from '@starling/core/transfer/plan.ts';
import { describe, expect, it } from 'vitest';
import type { SimProcess } from '../sim/process.ts';
import { PlanKept } from './i42-plan-kept.ts';
import { broken } from './stage.test-kit.ts';

const joiner = (name: string) => ({ nodeId: name as NodeId, zone: 'z', weight: 1 });
const one = planFirst('0123456789abcdef', joiner('a'), 1);
const moving = planJoin(one, joiner('b'))!;
const given = transferPlan(new Ring(moving), 'b' as NodeId).flatMap(({ ranges }) => ranges);

function taker() {
  const checker = new PlanKept();
  const machine = { state: 'joining', ring: () => new Ring(moving) };
  const process = { nodeId: 'b', machine } as unknown as SimProcess;
  return {
    machine,
    comesInForce: (doc: RingDoc) => {
      machine.ring = () => new Ring(doc);
      return broken(() => checker.event(process, { type: 'ring', epoch: doc.epoch, reason: '' }));
    },
    asksFor: (ranges: readonly BucketRange[]) => {
      const after = bucketStart(ranges[0]!.from);
      const pull: PeerMessage = { kind: 'pull', rpc: 1, epoch: machine.ring().epoch, ranges, after };
      return broken(() => checker.sent(process, 'a' as NodeId, pull));
    },
  };
}

describe('I42: a change is carried out as planned', () => {
  it('by a node that takes all it is given, and nothing else', () => {
    const node = taker();
    expect(node.comesInForce(moving)).toBeNull();
    expect(node.asksFor(given)).toBeNull();
    expect(node.comesInForce(planDone(moving)!)).toBeNull();
  });

  it('and not by one that takes what no plan gives it, or takes while nothing moves', () => {
    const node = taker();
    node.comesInForce(moving);
    expect(node.asksFor([{ from: 0, to: 65_535 }])).toBe('I42');
    node.comesInForce(one);
    expect(node.asksFor(given)).toBe('I42');
    node.machine.state = 'recovering';
    expect(node.asksFor(given)).toBeNull();
  });

  it('and not if it is done before everything was asked for, or puts a bucket elsewhere', () => {
    const hasty = taker();
    hasty.comesInForce(moving);
    hasty.asksFor(given.slice(1));
    expect(hasty.comesInForce(planDone(moving)!)).toBe('I42');
    const wrong = taker();
    wrong.comesInForce(moving);
    wrong.asksFor(given);
    const { members } = planDone(moving)!;
    expect(wrong.comesInForce({ ...planAbort(moving)!, members })).toBe('I42');
  });
});
