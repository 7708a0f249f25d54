import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { planAbort, planDone, planFirst, planJoin } from './plan.ts';
import type { RingDoc } from './ring-doc.ts';
import { brokenRingLaw, brokenStepLaw } from './ring-law.ts';

const node = (name: string, weight = 1) => ({ nodeId: name as NodeId, zone: 'z', weight });
const first = planFirst('0123456789abcdef', node('n1'), 3);
const joining = planJoin(first, node('n0'))!;
const settled = planDone(joining)!;

describe('a plan', () => {
  it('takes a node in by two epochs, each lawful and a lawful step from the last', () => {
    expect(first.members[0]?.tokens).toHaveLength(150);
    expect([first, joining, settled].map(brokenRingLaw)).toEqual([null, null, null]);
    expect([brokenStepLaw(first, joining), brokenStepLaw(joining, settled)]).toEqual([null, null]);
    expect(settled.members.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['n0', 'normal'],
      ['n1', 'normal'],
    ]);
  });

  it('is refused while another change is in progress, for a member, and for a node that is not joining', () => {
    expect(planJoin(joining, node('n2'))).toBeNull();
    expect(planJoin(settled, node('n0'))).toBeNull();
    expect(planDone(settled)).toBeNull();
    expect(planJoin(settled, node('n2', limits.ringWeightMax + 1))).toBeNull();
  });

  it('fills a ring to its last token and no further (limits.ringTokensMax, limits.ringTokensPerWeight)', () => {
    // 25 nodes of weight 16 take 60 000 of 61 440 tokens: room for weight 9, not for 10.
    const members = Array.from({ length: 25 }, (_, i) => ({
      ...node(`m${String(i).padStart(2, '0')}`, 16),
      status: 'normal' as const,
      tokens: Array.from({ length: 2400 }, (_unused, t) => Math.floor(((t * 25 + i) * 65_536) / 60_000)),
    }));
    const full: RingDoc = { ...first, members };
    expect(brokenRingLaw(full)).toBeNull();
    expect(planJoin(full, node('x', 10))).toBeNull();
    const last = planJoin(full, node('x', 9))!;
    expect(brokenStepLaw(full, last)).toBeNull();
    expect(planJoin(planDone(last)!, node('y'))).toBeNull();
  });

  it('is refused when the ring has as many members as it may (limits.ringMembersMax)', () => {
    const members = Array.from({ length: limits.ringMembersMax }, (_, i) => ({
      ...node(`m${String(i).padStart(3, '0')}`),
      status: 'normal' as const,
      tokens: Array.from({ length: 150 }, (_unused, t) => t * 400 + i),
    }));
    expect(brokenRingLaw({ ...first, members })).toBeNull();
    expect(planJoin({ ...first, members }, node('x'))).toBeNull();
    expect(planJoin({ ...first, members: members.slice(1) }, node('x'))).not.toBeNull();
  });
});

describe('ring laws', () => {
  const member = settled.members[0]!;
  const other = settled.members[1]!;
  const change = joining.change!;
  const broken: readonly (readonly [string, RingDoc])[] = [
    ['a cluster id is 16 hex digits', { ...settled, clusterId: 'x' }],
    ['epochs count from 1', { ...settled, epoch: 0 }],
    ['N is 1 to 7', { ...settled, replicas: 8 }],
    ['N is 1 to 7', { ...settled, replicas: 0 }],
    ['a ring has 1 to 400 members', { ...settled, members: [] }],
    ['a ring has an owner', { ...settled, members: [{ ...member, status: 'joining' }] }],
    [
      'members are normal while nothing changes',
      { ...settled, members: [{ ...member, status: 'leaving' }, other] },
    ],
    [
      'members are normal while nothing changes',
      { ...settled, members: [member, { ...other, status: 'joining' }] },
    ],
    [
      'one change at a time',
      {
        ...joining,
        members: [...joining.members, { ...other, nodeId: 'n2' as NodeId, status: 'joining' }].map(
          (each) => ({ ...each, status: each.nodeId === 'n1' ? 'normal' : 'joining' }),
        ),
      },
    ],
    ['a ring keeps an owner', { ...joining, members: [{ ...other, status: 'leaving' }] }],
    [
      'only who stays gets another shape',
      { ...joining, change: { ...change, shapes: [{ ...other, nodeId: 'n7' as NodeId }] } },
    ],
    [
      'members are in order of node id, each once',
      { ...joining, change: { ...change, shapes: [other, other] } },
    ],
    ['N is 1 to 7', { ...joining, change: { ...change, replicas: 8 } }],
    [
      'a node has 150 tokens for each unit of weight',
      { ...joining, change: { ...change, shapes: [{ ...other, weight: 2 }] } },
    ],
    ['a change is made by the operation that runs', { ...joining, operations: [] }],
    [
      'a change is made by the operation that runs',
      { ...joining, change: { ...change, operation: 'other' } },
    ],
    ['an operation runs while the ring changes', { ...settled, operations: joining.operations }],
    [
      'an operation has its own id',
      { ...settled, operations: [...settled.operations, ...settled.operations] },
    ],
    ['an operation has its own id', { ...settled, operations: [{ ...settled.operations[0]!, id: 'a b' }] }],
    ['members are in order of node id, each once', { ...settled, members: [other, member] }],
    ['members are in order of node id, each once', { ...settled, members: [member, member] }],
    ['a member has a node id', { ...settled, members: [{ ...member, nodeId: 'A b' as NodeId }] }],
    ['a zone has a name', { ...settled, members: [{ ...member, zone: '' }] }],
    ['a zone has a name', { ...settled, members: [{ ...member, zone: 'z'.repeat(65) }] }],
    ['a weight is 1 to 16', { ...settled, members: [{ ...member, weight: 17 }, other] }],
    ['a weight is 1 to 16', { ...settled, members: [{ ...member, weight: 0.5 }, other] }],
    [
      'a node has 150 tokens for each unit of weight',
      { ...settled, members: [{ ...member, tokens: [1] }, other] },
    ],
    [
      'tokens are ascending buckets',
      { ...settled, members: [{ ...member, tokens: [...member.tokens].reverse() }, other] },
    ],
    [
      'tokens are ascending buckets',
      { ...settled, members: [{ ...member, tokens: [...member.tokens.slice(1), 65_536] }, other] },
    ],
    ['a token belongs to one vnode', { ...settled, members: [member, { ...other, tokens: member.tokens }] }],
  ];

  it.each(broken)('%s', (law, doc) => {
    expect(brokenRingLaw(doc)).toBe(law);
  });

  it('allow what is at a bound (limits.ringReplicasMax, limits.zoneCharsMax, limits.ringWeightMax)', () => {
    const heaviest = planFirst(settled.clusterId, node('n', limits.ringWeightMax), limits.ringReplicasMax);
    const zone = 'z'.repeat(limits.zoneCharsMax);
    const atBounds = { ...heaviest, members: heaviest.members.map((each) => ({ ...each, zone })) };
    expect(brokenRingLaw(atBounds)).toBeNull();
    expect(brokenRingLaw({ ...atBounds, replicas: limits.ringReplicasMax + 1 })).toBe('N is 1 to 7');
    const wider = atBounds.members.map((each) => ({ ...each, zone: `${zone}z` }));
    expect(brokenRingLaw({ ...atBounds, members: wider })).toBe('a zone has a name');
    const heavier = atBounds.members.map((each) => ({ ...each, weight: limits.ringWeightMax + 1 }));
    expect(brokenRingLaw({ ...atBounds, members: heavier })).toBe('a weight is 1 to 16');
  });
});

describe('laws of a step', () => {
  const change = joining.change!;
  const operation = joining.operations[0]!;
  const [n0, n1] = joining.members as [RingDoc['members'][number], RingDoc['members'][number]];
  const broken: readonly (readonly [string, RingDoc])[] = [
    ['a ring belongs to one cluster', { ...settled, clusterId: 'ffffffffffffffff' }],
    ['epochs go up by one', { ...settled, epoch: joining.epoch }],
    ['epochs go up by one', { ...settled, epoch: joining.epoch + 2 }],
    ['a change does what it said', { ...settled, replicas: 2 }],
    ['a change does what it said', { ...settled, members: [n1] }],
    ['a change does what it said', { ...settled, members: [{ ...n0, zone: 'other', status: 'normal' }, n1] }],
    [
      'a change does what it said',
      {
        ...settled,
        members: [
          { ...n0, tokens: n1.tokens, status: 'normal' },
          { ...n1, tokens: n0.tokens },
        ],
      },
    ],
    ['a change ends with its operation', { ...settled, operations: [] }],
    ['what is aborted has moved nothing', { ...settled, operations: [{ ...operation, state: 'aborted' }] }],
    ['nothing moves before its change is done', { ...joining, epoch: settled.epoch, members: [n0] }],
    [
      'a change stays what it was',
      { ...joining, epoch: settled.epoch, members: [n1], change: { ...change, replicas: 2 } },
    ],
    [
      'a change stays what it was',
      { ...joining, epoch: settled.epoch, members: [{ ...n0, zone: 'other' }, n1] },
    ],
    [
      'an operation is not forgotten before it has ended',
      { ...joining, epoch: settled.epoch, operations: [] },
    ],
    ['a ring differs from the last by what becomes of an operation', { ...joining, epoch: settled.epoch }],
  ];

  it.each(broken)('%s', (law, next) => {
    expect(brokenStepLaw(joining, next)).toBe(law);
  });

  it('what is paused does not end by itself', () => {
    const paused = { ...joining, operations: [{ ...operation, state: 'paused' as const }] };
    expect(planDone(paused)).toBeNull();
    expect(brokenStepLaw(paused, settled)).toBe('what is paused does not end by itself');
    expect(brokenStepLaw(paused, planAbort(paused)!)).toBeNull();
  });

  it('nothing moves without a change', () => {
    const moved = {
      ...settled,
      epoch: settled.epoch + 1,
      members: [{ ...n0, zone: 'other', status: 'normal' as const }, n1],
    };
    expect(brokenStepLaw(settled, moved)).toBe('nothing moves without a change');
  });
});
