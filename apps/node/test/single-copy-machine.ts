import {
  type ActorId,
  type Address,
  type CausalContext,
  type ClientAnswer,
  type ClientRequest,
  type CommandAnswer,
  type Condition,
  type DbError,
  type DeleteRequest,
  type DifferencesFound,
  type Explain,
  type Finding,
  type Hlc,
  type Inquiry,
  type KeyRef,
  type ListRequest,
  type LoggedEvent,
  type NodeId,
  type Now,
  type PutRequest,
  type ReadResult,
  Ring,
  type RingCommand,
  type RingDoc,
  type VersionVector,
  type VisibleSibling,
  type WriteResult,
} from '@starling/core';
import type { ExchangeJob } from '@starling/core/antientropy/anti-entropy.ts';
import { Leaves } from '@starling/core/antientropy/leaves.ts';
import { SyncDesk } from '@starling/core/antientropy/sync-desk.ts';
import { treeNodes } from '@starling/core/antientropy/tree-nodes.ts';
import type { DifferencesInquiry, TreeInquiry } from '@starling/core/node/inquiry.ts';
import { ruleOn } from '@starling/core/ring/operation-list.ts';
import type { Caller } from '../src/service/caller.ts';
import type { MachinePort, NodeInspection } from '../src/service/machine-port.ts';

/**
 * The machine as the edge's tests need it: one copy of the data in memory, with real siblings, contexts, tombstones and
 * request ids, and no replicas. One actor writes everything, so a context is a single counter.
 */
const actor = 'node-1' as ActorId;
const nodeId = 'node-1' as NodeId;
const address = '127.0.0.1:18100' as Address;

interface Version extends VisibleSibling {
  readonly counter: number;
}

interface Stored {
  /** Highest counter written to the key. */
  readonly seen: number;
  readonly hlc: Hlc;
  /** Newest first. */
  readonly versions: readonly Version[];
}

interface Applied {
  readonly value: string | null;
  readonly answer: WriteResult;
}

const nothing: Stored = { seen: 0, hlc: 0 as Hlc, versions: [] };

/** A tree with nothing in it, of which n2 is known to have as much. */
function treeFinding({ kind, range, depth, limit }: TreeInquiry): Finding {
  const sharers = () => [
    { nodeId: 'node-2' as NodeId, provenEqual: 1000 },
    { nodeId: 'node-3' as NodeId, provenEqual: null },
  ];
  const progress = { complete: true, bucketsRead: null, doubted: 0 };
  return { kind, epoch: 1, progress, ...treeNodes(new Leaves(), sharers, range, depth, limit) };
}

export class SingleCopyMachine implements MachinePort {
  readonly nodeId = nodeId;
  readonly startedAt = Date.now();
  readonly #records = new Map<string, Stored>();
  readonly #refs = new Map<string, KeyRef>();
  readonly #applied = new Map<string, Applied>();
  readonly #ring = new Ring(evenRing([nodeId]));
  #counter = 0;
  /** Requests that were answered, oldest first. */
  readonly seen: ClientRequest[] = [];
  /** When set, every request is answered with it. */
  error: DbError | null = null;
  /** When set, answers wait for it. */
  hold: Promise<void> | null = null;
  /** Requests that wait for `hold`. */
  waiting = 0;
  /** Callers that left before their answer was written. */
  gone = 0;
  inspection: Partial<NodeInspection> = {};

  async request(request: ClientRequest, caller: Caller): Promise<ClientAnswer> {
    caller.whenGone(() => this.gone++);
    this.waiting++;
    if (this.hold !== null) await this.hold;
    this.waiting--;
    this.seen.push(request);
    if (this.error !== null) return { kind: 'error', error: this.error, explain: null };
    switch (request.kind) {
      case 'get':
        return this.#read(request.ref, request.explain);
      case 'list':
        return this.#list(request);
      case 'put':
      case 'delete':
        return this.#write(request);
    }
  }

  /** What `inquire` finds of the log, oldest first. */
  log: LoggedEvent[] = [];

  /** Clocks that nodes tell of themselves. */
  clocks: Readonly<Record<string, VersionVector>> = {};

  /** What is told of a peer's differences. */
  differences = (_: DifferencesInquiry): DifferencesFound => ({ brokenOff: 'silent' });

  /** Comparisons that were begun, and are ended by hand. */
  readonly jobs: ExchangeJob[] = [];
  readonly #syncs = new SyncDesk({
    wallMs: () => Date.now(),
    freshId: () => `${this.jobs.length + 1}`.padStart(16, '0'),
    peers: () => (this.inspection.members ?? []).map((member) => member.nodeId),
    submit: (job) => this.jobs.push(job),
  });

  async inquire(inquiry: Inquiry): Promise<Finding> {
    if (inquiry.kind === 'clock')
      return { kind: 'clock', clock: this.clocks[inquiry.of ?? nodeId] ?? (inquiry.of === null ? [] : null) };
    if (inquiry.kind === 'tree') return treeFinding(inquiry);
    if (inquiry.kind === 'differences') return { kind: 'differences', ...this.differences(inquiry) };
    if (inquiry.kind === 'sync') {
      const begun = inquiry.order === null ? null : this.#syncs.begin(inquiry.order);
      return { kind: 'sync', begun, syncs: this.#syncs.list() };
    }
    const { after, limit } = inquiry;
    const later = this.log.filter(({ id }) => id > after);
    const events = later.slice(0, limit);
    const last = events.at(-1)?.id ?? after;
    return { kind: 'events', events, last, done: later.length <= limit, gap: false };
  }

  async command(command: RingCommand): Promise<CommandAnswer> {
    const ruling = ruleOn(this.#ring.doc, command);
    // Nobody else lives here who could join.
    if (ruling.type === 'next' && command.kind === 'begin' && command.aim.kind === 'join')
      return { kind: 'refused', refusal: 'nodeUnreachable' };
    return ruling.type === 'refused' ? { kind: 'refused', refusal: ruling.refusal } : { kind: 'undecided' };
  }

  rejoin(): void {}

  ring(): Ring | null {
    return this.inspection.ring === undefined ? this.#ring : this.inspection.ring;
  }

  /** A ring of these nodes, for tests of what is shown. */
  ringOf(names: readonly string[]): Ring {
    return new Ring(evenRing(names));
  }

  now(): Now {
    return { mono: performance.now(), wall: Date.now() };
  }

  /** What is stored, as text: equal before and after a request that had no effect. */
  state(): string {
    return JSON.stringify([...this.#records]);
  }

  #onLook: () => void = () => {};

  /** Resolves when the whole state has been looked at `times` more. */
  lookedAt(times: number): Promise<void> {
    let left = times;
    return new Promise((resolve) => {
      this.#onLook = () => {
        if (--left === 0) resolve();
      };
    });
  }

  view(): NodeInspection {
    this.#onLook();
    const live = [...this.#records.values()].filter((stored) =>
      stored.versions.some((v) => v.value !== null),
    );
    const facts = {
      clusterId: 'c'.repeat(16),
      ringEpoch: 1,
      version: '0.0.0',
      zone: 'default',
      state: 'normal',
    };
    return {
      nodeId,
      address,
      zone: 'default',
      weight: 1,
      version: '0.0.0',
      startedAt: this.startedAt,
      state: 'normal',
      stateReason: 'serving',
      ring: this.#ring,
      members: [
        {
          nodeId,
          instanceId: 'i'.repeat(16),
          address,
          incarnation: 1,
          status: 'alive',
          since: this.startedAt,
          facts,
        },
      ],
      reports: [],
      counts: {
        keys: live.length,
        tombstones: this.#records.size - live.length,
        recordBytes: 0,
        hints: 0,
        requestsInFlight: 0,
      },
      rumors: [{ nodeId, status: 'alive', incarnation: 1, transmits: 2 }],
      hints: [],
      transfer: null,
      antiEntropy: null,
      storage: { diskLow: false, failed: false, damagedRecords: 0, actor, counter: this.#counter },
      healthScore: 0,
      probePeriodMs: 1000,
      ...this.inspection,
    };
  }

  #read(ref: KeyRef, explain: boolean): ReadResult {
    const stored = this.#records.get(ref.row) ?? nothing;
    const [first, ...others] = stored.versions;
    return {
      kind: 'read',
      winner: first === undefined || first.value === null ? null : first,
      siblings: others.filter((each) => each.value !== null),
      context: contextOf(stored),
      etag: etagOf(stored),
      explain: explain ? explainOf(ref) : null,
    };
  }

  #write(request: PutRequest | DeleteRequest): ClientAnswer {
    const value = request.kind === 'put' ? request.value : null;
    const id = request.requestId === null ? null : `${request.ref.row} ${request.requestId}`;
    const text = value === null ? null : Buffer.from(value).toString('latin1');
    const before = id === null ? undefined : this.#applied.get(id);
    if (before !== undefined) {
      if (before.value === text) return { ...before.answer, repeated: true };
      const error: DbError = {
        code: 'request_id_reused',
        outcome: 'failed',
        message: 'used for something else',
      };
      return { kind: 'error', error, explain: null };
    }
    const found = this.#read(request.ref, false);
    if (!holds(request.condition, found)) return { kind: 'unmet', found, explain: null };
    const answer = this.#store(request, value);
    if (id !== null) this.#applied.set(id, { value: text, answer });
    return answer;
  }

  #store(request: PutRequest | DeleteRequest, value: Uint8Array | null): WriteResult {
    const { ref, context } = request;
    const stored = this.#records.get(ref.row) ?? nothing;
    const covered = context === null ? stored.seen : (context.clock[0]?.counter ?? 0);
    const counter = ++this.#counter;
    const hlc = Math.max(Date.now() * 1024, stored.hlc + 1) as Hlc;
    const expiresAt = request.kind === 'put' ? request.expiresAt : 0;
    const version = { counter, dot: `${actor}:${counter}`, hlc, value, expiresAt };
    const versions = [version, ...stored.versions.filter((each) => each.counter > covered)];
    const now: Stored = { seen: counter, hlc, versions };
    this.#records.set(ref.row, now);
    this.#refs.set(ref.row, ref);
    return {
      kind: 'written',
      // A sibling the writer was not shown stays uncovered; with one actor only what it had seen can say so.
      context: contextOf(versions.length === 1 ? now : { ...now, seen: covered }),
      etag: etagOf(now),
      dot: version.dot,
      hlc,
      siblingCount: versions.length - 1,
      repeated: false,
      explain: request.explain ? explainOf(ref) : null,
    };
  }

  #list({ prefix, after, limit, contested }: ListRequest): ClientAnswer {
    const keys = [...this.#records]
      .filter(([, { versions }]) => (contested ? versions.length > 1 : versions[0]?.value !== null))
      .map(([row]) => this.#refs.get(row)?.key ?? '')
      .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const page = keys.slice(0, limit);
    return { kind: 'listed', keys: page, next: keys.length > limit ? (page.at(-1) ?? null) : null };
  }
}

function holds(condition: Condition | null, { winner, etag }: ReadResult): boolean {
  if (condition === null) return true;
  if (condition.kind === 'absent') return winner === null;
  return winner !== null && (condition.kind === 'exists' || condition.etags.includes(etag));
}

function contextOf(stored: Stored): CausalContext {
  return { clock: stored.seen === 0 ? [] : [{ actor, counter: stored.seen }], hlc: stored.hlc };
}

function etagOf(stored: Stored): string {
  return `"v${stored.seen}-${stored.versions.length}"`;
}

function explainOf(ref: KeyRef): Explain {
  return {
    coordinator: nodeId,
    forwardedBy: null,
    ringEpoch: 1,
    bucket: ref.bucket,
    replicas: [nodeId],
    pending: [],
    needed: 1,
    steps: [{ replica: nodeId, phase: 'read', sentUs: 0, answeredUs: 1, result: 'ok', closedQuorum: true }],
    totalUs: 2,
  };
}

/** Tokens in even steps, dealt out in turn: three nodes hold three replicas of everything. */
function evenRing(names: readonly string[]): RingDoc {
  const count = 150 * names.length;
  const tokens = Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * 65_536) / count) - 1);
  const members = names.map((name, at) => ({
    nodeId: name as NodeId,
    status: 'normal' as const,
    zone: 'default',
    weight: 1,
    tokens: tokens.filter((_, i) => i % names.length === at),
  }));
  return { clusterId: 'c'.repeat(16), epoch: 1, replicas: 3, members, change: null, operations: [] };
}
