import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { brokenRingLaw, mayFollow, planFirst, planJoin, planReady } from './plan.ts';
import type { RingDoc } from './ring-doc.ts';

const node = (name: string, weight = 1) => ({ nodeId: name as NodeId, zone: 'z', weight });
const first = planFirst('0123456789abcdef', node('n1'), 3);
const joining = planJoin(first, node('n0'))!;
const settled = planReady(joining, 'n0' as NodeId)!;

describe('a plan', () => {
  it('takes a node in by two epochs, each lawful and next to the last', () => {
    expect(first.members[0]?.tokens).toHaveLength(150);
    expect([first, joining, settled].map(brokenRingLaw)).toEqual([null, null, null]);
    expect([mayFollow(first, joining), mayFollow(joining, settled), mayFollow(first, settled)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(settled.members.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['n0', 'normal'],
      ['n1', 'normal'],
    ]);
  });

  it('is refused while another change is in progress, for a member, and for a node that is not joining', () => {
    expect(planJoin(joining, node('n2'))).toBeNull();
    expect(planJoin(settled, node('n0'))).toBeNull();
    expect(planReady(settled, 'n0' as NodeId)).toBeNull();
  });

  it('is refused when the tokens would no longer split evenly', () => {
    // 13 nodes of weight 16 take 31 200 of the 32 768 tokens there may be: room for weight 10, not for 11.
    const members = Array.from({ length: 13 }, (_, i) => ({
      ...node(`m${String(i).padStart(2, '0')}`, 16),
      status: 'normal' as const,
      tokens: Array.from({ length: 2400 }, (_unused, t) => t * 26 + i),
    }));
    const full: RingDoc = { ...first, members };
    expect(brokenRingLaw(full)).toBeNull();
    expect(planJoin(full, node('x', 11))).toBeNull();
    expect(planJoin(full, node('x', 1))?.members).toHaveLength(14);
  });
});

describe('ring laws', () => {
  const member = settled.members[0]!;
  const other = settled.members[1]!;
  const broken: readonly (readonly [string, RingDoc])[] = [
    ['a cluster id is 16 hex digits', { ...settled, clusterId: 'x' }],
    ['epochs count from 1', { ...settled, epoch: 0 }],
    ['N is 1 to 7', { ...settled, replicas: 8 }],
    ['a ring has 1 to 400 members', { ...settled, members: [] }],
    ['a ring has an owner', { ...settled, members: [{ ...member, status: 'joining' }] }],
    [
      'one change at a time',
      {
        ...settled,
        members: [
          { ...member, status: 'leaving' },
          { ...other, status: 'joining' },
        ],
      },
    ],
    ['members are in order of node id, each once', { ...settled, members: [other, member] }],
    ['a weight is 1 to 16', { ...settled, members: [{ ...member, weight: 17 }, other] }],
    [
      'a node has 150 tokens for each unit of weight',
      { ...settled, members: [{ ...member, tokens: [1] }, other] },
    ],
    [
      'tokens are ascending buckets',
      { ...settled, members: [{ ...member, tokens: [...member.tokens].reverse() }, other] },
    ],
    ['a token belongs to one vnode', { ...settled, members: [member, { ...other, tokens: member.tokens }] }],
  ];

  it.each(broken)('%s', (law, doc) => {
    expect(brokenRingLaw(doc)).toBe(law);
  });
});
