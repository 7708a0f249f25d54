import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { ExchangeJob } from './anti-entropy.ts';
import { SyncDesk, type SyncOrder } from './sync-desk.ts';

const aim = { pull: true, push: false, dryRun: false };
const n2 = 'n2' as NodeId;
const progress = { buckets: 3, bucketsDone: 1, keys: 2, pulled: 1, pushed: 0 };

function desk() {
  const jobs: ExchangeJob[] = [];
  let ids = 0;
  const syncs = new SyncDesk({
    wallMs: () => 7,
    freshId: () => `${++ids}`,
    peers: () => ['n2', 'n3'] as NodeId[],
    submit: (job) => jobs.push(job),
  });
  const begin = (order: SyncOrder = { peer: n2, aim }) => syncs.begin(order);
  return { syncs, jobs, begin };
}

describe('a comparison that was asked for', () => {
  it('goes through every peer, one after the other, and tells how far it is', () => {
    const { syncs, jobs, begin } = desk();
    const begun = begin({ peer: null, aim });
    expect(begun).toMatchObject({ id: '1', begunAt: 7, endedAt: null });
    expect(begun!.peers.map(({ nodeId, state }) => [nodeId, state])).toEqual([
      ['n2', 'waiting'],
      ['n3', 'waiting'],
    ]);
    expect(jobs).toMatchObject([{ peer: 'n2', aim }]);
    const running = { ...progress };
    jobs[0]!.begun(running);
    running.pulled++;
    expect(syncs.list()[0]!.peers[0]).toMatchObject({ state: 'running', pulled: 2, reason: null });
    jobs[0]!.ended({ end: 'repaired', differing: new Set() });
    expect(jobs).toMatchObject([{ peer: 'n2' }, { peer: 'n3' }]);
    jobs[1]!.ended({ end: 'brokenOff', reason: 'unreachable' });
    expect(syncs.list()).toMatchObject([
      {
        endedAt: 7,
        peers: [
          { nodeId: 'n2', state: 'repaired', pulled: 2, keys: 2 },
          { nodeId: 'n3', state: 'brokenOff', reason: 'unreachable', keys: 0 },
        ],
      },
    ]);
  });

  it('is over at once where there is nobody to compare with', () => {
    const syncs = new SyncDesk({
      wallMs: () => 7,
      freshId: () => '1',
      peers: () => [],
      submit: () => undefined,
    });
    expect(syncs.begin({ peer: null, aim })).toMatchObject({ endedAt: 7, peers: [] });
  });

  it('is refused while so many are still to be done, and takes the place of one that has ended (limits.syncsMax)', () => {
    const { syncs, jobs, begin } = desk();
    for (let i = 0; i < limits.syncsMax; i++) expect(begin()).not.toBeNull();
    expect(begin()).toBeNull();
    jobs[1]!.ended({ end: 'repaired', differing: new Set() });
    expect(begin()).not.toBeNull();
    expect(syncs.list()).toHaveLength(limits.syncsMax);
    expect(syncs.list().map(({ id }) => id)).not.toContain('2');
  });
});
