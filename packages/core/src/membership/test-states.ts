/** For tests only: arbitrary member states and packets. */
import fc from 'fast-check';
import type { MemberState, MemberStatus, PacketBody, SwimPacket } from './packet.ts';
import { address, nodeId } from './test-names.ts';

const hex16 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => bits.toString(16).padStart(16, '0'));
const anyNodeId = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/).map(nodeId);
const anyAddress = fc
  .tuple(
    fc.constantFrom('10.0.0.1', 'localhost', '[::1]', 'db-0.starling.svc', 'é.example'),
    fc.integer({ min: 1, max: 65_535 }),
  )
  .map(([host, port]) => address(`${host}:${port}`));
const anyFacts = fc.record({
  clusterId: fc.oneof(fc.constant(''), hex16),
  ringEpoch: fc.maxSafeNat(),
  version: fc.string({ unit: 'grapheme', maxLength: 10 }),
  zone: fc.string({ unit: 'grapheme', maxLength: 10 }),
  state: fc.constantFrom('', 'normal', 'joining'),
});

/** Any state that a node may send; with `fixed` of one node, or of one data directory, and small numbers. */
export function anyState(fixed: { nodeId?: string; instanceId?: string } = {}): fc.Arbitrary<MemberState> {
  const isFixed = fixed.nodeId !== undefined;
  const number = isFixed
    ? fc.integer({ min: 1, max: 4 })
    : fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  return fc
    .record({
      id: isFixed ? fc.constant(nodeId(fixed.nodeId!)) : anyNodeId,
      instanceId: fixed.instanceId === undefined ? hex16 : fc.constant(fixed.instanceId),
      at: anyAddress,
      incarnation: number,
      factsVersion: number,
      facts: anyFacts,
      status: fc.constantFrom<MemberStatus>('alive', 'suspect', 'dead', 'left'),
      accuser: anyNodeId,
    })
    .filter(({ id, accuser }) => id !== accuser)
    .map(({ id, at, status, accuser, instanceId, incarnation, factsVersion, facts }) => {
      const claim = { nodeId: id, instanceId, address: at, incarnation, factsVersion, facts };
      return { claim, status, by: status === 'alive' || status === 'left' ? id : accuser };
    });
}

const seq = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const anyBody: fc.Arbitrary<PacketBody> = fc.oneof(
  fc.record({ kind: fc.constant('ping' as const), seq, target: anyNodeId, targetInstance: hex16 }),
  fc.record({ kind: fc.constant('ack' as const), seq, subject: anyNodeId }),
  fc.record({ kind: fc.constant('pingRequest' as const), seq, target: anyNodeId, targetInstance: hex16 }),
  fc.record({ kind: fc.constant('nack' as const), seq }),
  fc.record({ kind: fc.constant('gossip' as const) }),
  fc.record({
    kind: fc.constant('sync' as const),
    phase: fc.constantFrom('ask' as const, 'answer' as const, 'rest' as const),
    seq,
  }),
  fc.record({
    kind: fc.constant('refuse' as const),
    seq,
    reason: fc.constantFrom('nodeIdInUse' as const, 'foreignCluster' as const, 'membersFull' as const),
  }),
);

/** Any packet that a node may send. */
export const anyPacket: fc.Arbitrary<SwimPacket> = fc
  .record({
    body: anyBody,
    sender: anyNodeId,
    instanceId: hex16,
    cluster: fc.oneof(fc.constant(''), hex16),
    view: seq,
    updates: fc.array(anyState(), { maxLength: 6 }),
  })
  .map(({ body, ...header }) => ({ ...body, ...header }));
