/** Random messages of every kind, for property tests. */
import fc from 'fast-check';
import type { DbError, ErrorCode, ErrorDetails } from '../base/errors.ts';
import type { Hlc, NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type {
  CausalContext,
  ClientAnswer,
  ClientRequest,
  Condition,
  Explain,
  ExplainStep,
  Level,
  VisibleSibling,
} from '../coordinator/request.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import type { LatencyStats } from '../node/view.ts';
import type { Ballot } from '../paxos/ballot.ts';
import { anyRanges } from '../ring/bucket-range.arbitrary.ts';
import { keyRef } from '../ring/key.ts';
import type { MemberShape, RingDoc, RingMember } from '../ring/ring-doc.ts';
import type { RingAim, RingCommand, RingOperation } from '../ring/ring-operation.ts';
import {
  anyAcceptedRecord,
  anyActor,
  anyClock,
  anyDot,
  anyHlc,
  anyStoredRecord as anyRecord,
} from './record.arbitrary.ts';

/** The monotonic time at which deadlines are counted; they lie whole milliseconds ahead of it. */
export const mono = 1000.5;

const natural = fc.nat(Number.MAX_SAFE_INTEGER);
const rpc = natural;
const epoch = fc.nat(1000);
const nodeId = fc.constantFrom('n1', 'node-2', 'a.b_c-3', '0') as fc.Arbitrary<NodeId>;
const text = fc.string({ unit: 'binary', maxLength: 20 });
const key = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('__proto__', '/', 'x'.repeat(limits.keyBytesMax)),
);
const ref = fc
  .tuple(fc.constantFrom('default', 't', 'x'.repeat(limits.tableCharsMax)), key)
  .map(([t, k]) => keyRef(t, k));
const digits = fc.stringMatching(/^[0-9a-f]{16}$/);
const maybeDigits = fc.oneof(fc.constant(''), digits);
const bytes = fc.uint8Array({ maxLength: 40 });
const figure = fc.double();
const expiry = fc.oneof(
  fc.constant(0),
  fc.double({ min: Number.MIN_VALUE, noDefaultInfinity: true, noNaN: true }),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const result = fc.constantFrom<ReplicaResult[]>(
  'ok',
  'staleEpoch',
  'unknownEpoch',
  'notReplica',
  'recovering',
  'overloaded',
  'diskFull',
  'corrupt',
  'promised',
  'outbid',
  'uncovered',
);
const call = { rpc, epoch, ref };
const reply = { rpc, epoch, result };

const context: fc.Arbitrary<CausalContext> = fc.record({ clock: anyClock, hlc: anyHlc });
const level: fc.Arbitrary<Level> = fc.oneof(
  fc.constantFrom<Level[]>('one', 'quorum', 'all'),
  fc.record({ count: fc.integer({ min: 1, max: 7 }) }),
);
const deadlineAt = fc.nat(60_000).map((left) => mono + left);
const common = { ref, level, deadlineAt, explain: fc.boolean() };
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant('match' as const), etags: fc.array(text, { maxLength: 3 }) }),
  fc.record({ kind: fc.constantFrom('exists' as const, 'absent' as const) }),
);
const write = { context: orNull(context), condition: orNull(condition), requestId: orNull(text) };

export const anyRequest: fc.Arbitrary<ClientRequest> = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), ...common }),
  fc.record({ kind: fc.constant('delete' as const), ...common, ...write }),
  fc.record({ kind: fc.constant('put' as const), ...common, ...write, value: bytes, expiresAt: expiry }),
  fc.record({
    kind: fc.constant('list' as const),
    table: fc.constantFrom('default', 't'),
    prefix: text,
    after: text,
    limit: fc.nat(limits.listPageKeysMax),
    contested: fc.boolean(),
    deadlineAt,
  }),
);

const visible: fc.Arbitrary<VisibleSibling> = fc.record({
  dot: text,
  hlc: anyHlc,
  value: orNull(bytes),
  expiresAt: expiry,
});
const step: fc.Arbitrary<ExplainStep> = fc.record({
  replica: nodeId,
  phase: fc.constantFrom<ExplainStep['phase'][]>(
    'clock',
    'read',
    'store',
    'write-back',
    'hedge',
    'repair',
    'forward',
    'prepare',
    'accept',
  ),
  sentUs: figure,
  answeredUs: orNull(figure),
  result: text,
  closedQuorum: fc.boolean(),
});
const explain: fc.Arbitrary<Explain> = fc.record({
  coordinator: nodeId,
  forwardedBy: orNull(nodeId),
  ringEpoch: epoch,
  bucket: fc.nat(65_535),
  replicas: fc.array(nodeId, { maxLength: 3 }),
  pending: fc.array(nodeId, { maxLength: 3 }),
  needed: fc.nat(7),
  steps: fc.array(step, { maxLength: 3 }),
  totalUs: figure,
});

const fact = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'details' },
    fc.constantFrom(null, true, false),
    figure,
    text,
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'details' }),
    fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), {
      maxKeys: 3,
      depthIdentifier: 'details',
      noNullPrototype: true,
    }),
  ),
})).value;
const details = fc.dictionary(text, fact, {
  maxKeys: 3,
  noNullPrototype: true,
}) as fc.Arbitrary<ErrorDetails>;
const errorCode = fc.constantFrom<ErrorCode[]>(
  'invalid_request',
  'invalid_key',
  'invalid_context',
  'not_found',
  'request_id_reused',
  'too_many_siblings',
  'payload_too_large',
  'overloaded',
  'quorum_unavailable',
  'not_ready',
  'recovering',
  'disk_full',
  'storage_failed',
  'shutting_down',
  'corrupt',
);
const error: fc.Arbitrary<DbError> = fc.record(
  {
    code: errorCode,
    outcome: fc.constantFrom('failed' as const, 'unknown' as const),
    message: text,
    details,
  },
  { requiredKeys: ['code', 'outcome', 'message'] },
);

const readAnswer = fc.record({
  kind: fc.constant('read' as const),
  winner: orNull(visible),
  siblings: fc.array(visible, { maxLength: 3 }),
  context,
  etag: text,
  explain: orNull(explain),
});

export const anyAnswer: fc.Arbitrary<ClientAnswer> = fc.oneof(
  fc.record({
    kind: fc.constant('written' as const),
    context,
    etag: text,
    dot: text,
    hlc: anyHlc,
    siblingCount: fc.nat(100),
    repeated: fc.boolean(),
    explain: orNull(explain),
  }),
  readAnswer,
  fc.record({ kind: fc.constant('unmet' as const), found: readAnswer, explain: orNull(explain) }),
  fc.record({
    kind: fc.constant('listed' as const),
    keys: fc.array(key, { maxLength: 4 }),
    next: orNull(key),
  }),
  fc.record({ kind: fc.constant('error' as const), error, explain: orNull(explain) }),
);

const latency: fc.Arbitrary<LatencyStats> = fc.record({
  perSecond: figure,
  p50Ms: figure,
  p99Ms: figure,
  p999Ms: figure,
});
const stats = fc.record({
  version: text,
  startedAt: figure,
  reads: orNull(latency),
  writes: orNull(latency),
  errorsPerSecond: orNull(figure),
  rssBytes: orNull(figure),
  heapBytes: orNull(figure),
  cpu: orNull(figure),
  eventLoopDelayP99Ms: orNull(figure),
  diskUsedBytes: orNull(figure),
  diskFreeBytes: orNull(figure),
});
const counts = fc.record({
  keys: figure,
  tombstones: figure,
  recordBytes: figure,
  hints: figure,
  requestsInFlight: figure,
});

const ballot: fc.Arbitrary<Ballot> = fc.record({
  round: natural,
  actor: fc.oneof(anyActor, fc.constant('' as Ballot['actor'])),
});
const anyTokens = fc
  .uniqueArray(fc.nat(65_535), { maxLength: 6 })
  .map((tokens) => tokens.sort((a, b) => a - b));
const member: fc.Arbitrary<RingMember> = fc.record({
  nodeId,
  status: fc.constantFrom('joining' as const, 'normal' as const, 'leaving' as const),
  zone: text,
  weight: fc.integer({ min: 1, max: 16 }),
  tokens: anyTokens,
});
const shape = fc
  .record({ nodeId, zone: text, weight: fc.integer({ min: 1, max: 16 }), tokens: anyTokens })
  .map((each): MemberShape => each);
const operationId = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const anyAim: fc.Arbitrary<RingAim> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), nodeId, zone: text, weight: fc.nat(16) }),
  fc.record({ kind: fc.constantFrom('drain' as const, 'remove' as const), nodeId }),
  fc.record({ kind: fc.constant('replace' as const), nodeId, by: nodeId, zone: text }),
  fc.record({ kind: fc.constant('reshape' as const), nodeId, zone: text, weight: fc.nat(16) }),
  fc.record({ kind: fc.constant('replicas' as const), replicas: fc.nat(7) }),
);
const operation: fc.Arbitrary<RingOperation> = fc.record({
  id: operationId,
  aim: anyAim,
  plan: maybeDigits,
  force: fc.boolean(),
  state: fc.constantFrom('queued', 'running', 'paused', 'done', 'aborted', 'refused'),
  since: epoch,
  reason: text,
});
const command: fc.Arbitrary<RingCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('begin' as const),
    id: operationId,
    aim: anyAim,
    plan: maybeDigits,
    force: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('pause' as const, 'resume' as const, 'abort' as const),
    id: operationId,
  }),
);
const transfer = fc.record({
  kind: fc.constantFrom('join' as const, 'take' as const, 'recovery' as const),
  bucketsDone: figure,
  bucketsTotal: figure,
  bytes: figure,
  etaMs: orNull(figure),
  obstacle: orNull(fc.constantFrom('paused' as const, 'unreachable' as const, 'disk' as const)),
});
export const anyRingDoc: fc.Arbitrary<RingDoc> = fc.record({
  clusterId: digits,
  epoch,
  replicas: fc.integer({ min: 1, max: 7 }),
  members: fc
    .uniqueArray(member, { selector: (m) => m.nodeId, maxLength: 4 })
    .map((members) => members.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))),
  change: orNull(
    fc.record({
      operation: operationId,
      replicas: fc.integer({ min: 1, max: 7 }),
      shapes: fc
        .uniqueArray(shape, { selector: (each) => each.nodeId, maxLength: 3 })
        .map((shapes) => shapes.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))),
    }),
  ),
  operations: fc.array(operation, { maxLength: 3 }),
});

type MessagesByKind = {
  readonly [Kind in PeerMessage['kind']]: fc.Arbitrary<Extract<PeerMessage, { kind: Kind }>>;
};

const kind = <Kind extends string>(name: Kind) => fc.constant(name);

/** A message of each kind; the type keeps the list complete. */
export const messageOfKind: MessagesByKind = {
  clock: fc.record({ kind: kind('clock'), ...call, request: maybeDigits }),
  clockReply: fc.record({
    kind: kind('clockReply'),
    ...reply,
    clock: anyClock,
    hlc: anyHlc as fc.Arbitrary<Hlc>,
    applied: orNull(anyDot),
  }),
  read: fc.record({ kind: kind('read'), ...call, digest: fc.boolean() }),
  readReply: fc.record({ kind: kind('readReply'), ...reply, record: orNull(anyRecord), digest: maybeDigits }),
  store: fc.record({ kind: kind('store'), ...call, record: anyRecord, counted: fc.boolean() }),
  storeReply: fc.record({ kind: kind('storeReply'), ...reply }),
  prepare: fc.record({ kind: kind('prepare'), ...call, ballot, request: maybeDigits }),
  prepareReply: fc.record({
    kind: kind('prepareReply'),
    ...reply,
    promised: ballot,
    record: orNull(anyRecord),
    applied: orNull(anyDot),
  }),
  accept: fc.record({ kind: kind('accept'), ...call, record: anyAcceptedRecord }),
  acceptReply: fc.record({ kind: kind('acceptReply'), ...reply, promised: ballot }),
  forward: fc.record({ kind: kind('forward'), rpc, epoch, request: anyRequest }),
  forwardReply: fc.record({ kind: kind('forwardReply'), rpc, answer: anyAnswer }),
  keys: fc.record({
    kind: kind('keys'),
    rpc,
    epoch,
    table: fc.constantFrom('default', 't'),
    prefix: text,
    after: text,
    limit: fc.nat(limits.listPageKeysMax),
    contested: fc.boolean(),
  }),
  keysReply: fc.record({
    kind: kind('keysReply'),
    ...reply,
    keys: fc.array(key, { maxLength: 4 }),
    done: fc.boolean(),
  }),
  pull: fc.record({ kind: kind('pull'), rpc, epoch, ranges: anyRanges(limits.pullRangesMax), after: text }),
  tree: fc.record({
    kind: kind('tree'),
    rpc,
    epoch,
    root: digits,
    groups: fc.array(fc.nat(255), { maxLength: 20 }),
  }),
  treeReply: fc.record({ kind: kind('treeReply'), ...reply, hashes: bytes }),
  bucket: fc.record({ kind: kind('bucket'), rpc, epoch, bucket: fc.nat(65_535), after: text }),
  bucketReply: fc.record({
    kind: kind('bucketReply'),
    ...reply,
    records: fc.array(fc.record({ ref, hash: digits }), { maxLength: 3 }),
    next: orNull(text),
  }),
  pullReply: fc.record({
    kind: kind('pullReply'),
    ...reply,
    records: fc.array(fc.record({ ref, record: anyRecord }), { maxLength: 3 }),
    next: orNull(ref.map(({ row }) => row)),
  }),
  nodeClock: fc.record({ kind: kind('nodeClock'), rpc }),
  nodeClockReply: fc.record({ kind: kind('nodeClockReply'), rpc, clock: anyClock }),
  stats: fc.record({ kind: kind('stats'), stats, counts, transfer: orNull(transfer) }),
  ringFetch: fc.record({ kind: kind('ringFetch') }),
  ringNews: fc.record({ kind: kind('ringNews'), doc: anyRingDoc }),
  ringPrepare: fc.record({ kind: kind('ringPrepare'), epoch, ballot }),
  ringPromise: fc.record({
    kind: kind('ringPromise'),
    epoch,
    ballot,
    promised: ballot,
    accepted: orNull(fc.record({ ballot, doc: anyRingDoc })),
  }),
  ringAccept: fc.record({ kind: kind('ringAccept'), epoch, ballot, doc: anyRingDoc }),
  ringAccepted: fc.record({ kind: kind('ringAccepted'), epoch, ballot, promised: ballot }),
  ringJoin: fc.record({
    kind: kind('ringJoin'),
    nodeId,
    zone: text,
    weight: fc.nat(16),
    replaces: orNull(nodeId),
  }),
  ringReady: fc.record({ kind: kind('ringReady'), nodeId, epoch }),
  ringAsk: fc.record({ kind: kind('ringAsk'), command }),
  ringRefused: fc.record({
    kind: kind('ringRefused'),
    id: operationId,
    command: fc.constantFrom('begin', 'pause', 'resume', 'abort'),
    refusal: fc.constantFrom('unknownNode', 'noRoom', 'nodeUnreachable'),
  }),
};

export const anyMessage: fc.Arbitrary<PeerMessage> = fc.oneof(...Object.values(messageOfKind));
