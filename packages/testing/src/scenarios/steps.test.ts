import type { NodeId } from '@starling/core/base/ids.ts';
import type { RingAim, RingCommand } from '@starling/core/ring/ring-operation.ts';
import { describe, expect, it } from 'vitest';
import { type Cluster, cluster } from '../scenario/cluster.ts';
import type { MessageKind } from '../scenario/message-gate.ts';
import { seconds } from '../scenario/story.ts';

/**
 * Every kind of operation, with one of its nodes killed at each of its steps: at the first message of each kind while the
 * ring that begins it is agreed on, while data moves, and while the ring that ends it is agreed on; once the node that
 * sends it, once the one that would receive it, which never does; once with what it had written, once without what was
 * not synced. Half of the operations are then aborted, the rest go on.
 */

const agreeing = ['ringPrepare', 'ringPromise', 'ringAccept', 'ringAccepted', 'ringNews'] as const;
interface Step {
  readonly phase: 'begins' | 'moves' | 'ends';
  readonly message: MessageKind;
  readonly victim: 'from' | 'to';
  readonly death: 'killed' | 'cut off from power';
}
const messages: readonly (readonly [Step['phase'], MessageKind])[] = [
  ...agreeing.map((message) => ['begins', message] as const),
  ...(['pull', 'pullReply', 'ringReady'] as const).map((message) => ['moves', message] as const),
  ...agreeing.map((message) => ['ends', message] as const),
];
const steps = messages.flatMap(([phase, message]) =>
  (['killed', 'cut off from power'] as const).flatMap((death) =>
    (['from', 'to'] as const).map((victim): Step => ({ phase, message, victim, death })),
  ),
);

const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
const id = (name: string) => name as NodeId;

interface Operation {
  readonly aim: RingAim;
  /** Nodes of the ring before it, and what comes about before it can be asked for. */
  readonly nodes: number;
  prepare?(c: Cluster): void;
  /** Nodes that do not run meanwhile. */
  readonly gone?: string;
}

function leave(c: Cluster, name: string): void {
  c.begin('n1', 'leave', { kind: 'drain', nodeId: id(name) });
  c.until(`${name} has left`, () => c.node(name).state === 'left');
}

function die(c: Cluster, name: string): void {
  c.powerCut(name);
  c.until(`${name} is known to be dead`, () =>
    c.names.every((other) => !c.node(other).isUp || c.node(other).memberStatus(name) === 'dead'),
  );
}

const operations: Readonly<Record<RingAim['kind'], Operation>> = {
  join: {
    nodes: 4,
    aim: { kind: 'join', nodeId: id('n4'), zone: 'z0', weight: 1 },
    prepare: (c) => leave(c, 'n4'),
  },
  drain: { nodes: 4, aim: { kind: 'drain', nodeId: id('n4') } },
  remove: {
    nodes: 4,
    aim: { kind: 'remove', nodeId: id('n4') },
    gone: 'n4',
    prepare: (c) => die(c, 'n4'),
  },
  replace: {
    nodes: 5,
    aim: { kind: 'replace', nodeId: id('n4'), by: id('n5'), zone: 'z0' },
    gone: 'n4',
    prepare: (c) => {
      leave(c, 'n5');
      die(c, 'n4');
    },
  },
  reshape: { nodes: 4, aim: { kind: 'reshape', nodeId: id('n2'), zone: 'z0', weight: 2 } },
  replicas: { nodes: 4, aim: { kind: 'replicas', replicas: 4 } },
};

function play({ aim, nodes, prepare, gone }: Operation, step: Step, aborted: boolean): void {
  const c = cluster(nodes);
  for (const key of keys) c.put('n1', key, key).expect('ok');
  prepare?.(c);
  const begin: RingCommand = { kind: 'begin', id: 'op', aim, plan: '', force: false };
  const victim = strike(c, begin, step);
  // Long enough for the others to go on without it as far as they can.
  c.run(seconds(1)).restart(victim);
  c.untilAcquainted();
  // Whoever was asked may have died with the question: asked again, nothing is done twice.
  expect(['granted', 'undecided']).toContain(c.command('n2', begin));
  if (aborted) {
    c.until('n3 knows of it', () => c.node('n3').epoch === c.ringDoc().epoch);
    expect(['granted', 'ended']).toContain(c.command('n3', { kind: 'abort', id: 'op' }));
  }
  c.until('it has ended', () => c.stateOf('op') === 'done' || c.stateOf('op') === 'aborted');
  if (!aborted) expect(c.stateOf('op')).toBe('done');
  expect(c.ringDoc().change).toBeNull();
  const running = c.names.filter((name) => name !== gone);
  for (const key of keys) for (const name of ['n1', 'n3']) c.expectRead(name, key).toBe(key);
  c.until('each key is where the ring says and nowhere else', () =>
    keys.every((key) => {
      const holders = running.filter((name) => c.node(name).record(key) !== null);
      const owners = c.replicasOf(key).filter((name) => name !== gone);
      // Nobody can prove to a taker that a dead owner holds a copy too: it keeps its own until that one is back.
      if (owners.length < c.replicasOf(key).length) return owners.every((name) => holders.includes(name));
      return holders.join() === owners.sort().join();
    }),
  );
}

/** Runs the operation up to the step and kills the one that it names. */
function strike(c: Cluster, begin: RingCommand, { phase, message, victim, death }: Step): string {
  const ready = phase === 'ends' ? c.hold('ringReady') : null;
  let gate = phase === 'begins' ? c.hold(message) : null;
  c.ask('n1', begin);
  if (ready !== null) {
    c.until('a taker is ready', () => ready.count > 0);
    gate = c.hold(message);
    ready.release();
  }
  gate ??= c.hold(message);
  const held = gate;
  c.until(`${message} is on its way`, () => held.count > 0);
  const ends = held.ends!;
  const name = c.names[ends[victim]]!;
  if (death === 'killed') c.kill(name);
  else c.powerCut(name);
  held.drop();
  return name;
}

describe.each(Object.keys(operations) as RingAim['kind'][])('%s', (kind) => {
  it.each(steps)('goes on or is given up when $victim is $death at $message, when it $phase', (step) => {
    const at = steps.indexOf(step);
    play(operations[kind], step, at % 8 >= 4);
  });
});
