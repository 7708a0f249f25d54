import type { RingOperationView, RingPlanView, RingView } from '@starling/api-types';
import { outputIn, pause, type RingCluster, until } from './ring-cluster.ts';
import { gainsBetween, gainsPlanned, nodeName, sameGains } from './ring-gains.ts';

/** A change of the ring that an operator makes; nodes by number. */
export type Change =
  | { readonly kind: 'drain'; readonly node: number; readonly givenUp?: true }
  | { readonly kind: 'replace'; readonly node: number; readonly by: number }
  | { readonly kind: 'join'; readonly node: number }
  | { readonly kind: 'reshape'; readonly node: number; readonly weight: number }
  | { readonly kind: 'replicas'; readonly replicas: number };

/** Longest wait until a change has ended or a ring has settled, in ms. */
const changeMs = 300_000;
/** Kills follow each other, and lives follow kills, by so much at most, in ms. */
const betweenMs = 900;

/** Carries changes out, one after the other, kills nodes at random points of each, and compares it with its plan. */
export class RingChanger {
  kills = 0;
  readonly faults: string[] = [];
  readonly #cluster: RingCluster;
  readonly #fraction: () => number;
  readonly #say: (line: string) => void;
  #asked = 0;

  constructor(cluster: RingCluster, fraction: () => number, say: (line: string) => void) {
    this.#cluster = cluster;
    this.#fraction = fraction;
    this.#say = say;
  }

  /** Waits until every running node holds the same settled ring of these members. */
  async settled(members: readonly number[]): Promise<void> {
    await until(`${members.join()} are the ring`, changeMs, async () => {
      const rings = await Promise.all(this.#cluster.running.map((node) => this.#ringOf(node)));
      const wanted = members.map((node) => `${nodeName(node)} normal`).join();
      return (
        new Set(rings.map(({ epoch }) => epoch)).size === 1 &&
        rings.every(({ nodes }) => nodes.map(({ nodeId, status }) => `${nodeId} ${status}`).join() === wanted)
      );
    });
  }

  /** Makes the change with up to so many kills meanwhile: fewer if it has ended before. */
  async carryOut(change: Change, kills: number): Promise<void> {
    await until('no change is in progress', changeMs, async () => (await this.#open()).length === 0);
    const before = await this.#ring();
    const plan = await this.#plan(change);
    if (plan === null) return;
    const began = Date.now();
    const id = await this.#begin(change, plan.plan);
    const told: RingOperationView[] = [];
    const killed = await this.#killDuring(change, id, kills, told);
    await until(`${id} ends`, changeMs, async () => this.#ended(await this.#operation(change, id), told));
    const { state } = (await this.#operation(change, id))!;
    const gained = gainsBetween(before, await this.#ring());
    const wrong = this.#judge(change, state, plan, gained, told);
    if (wrong !== null) this.faults.push(`${id}: ${wrong}`);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const moved = [...gained.values()].reduce((sum, buckets) => sum + buckets, 0);
    this.#say(
      `${id}: ${state} after ${seconds} s; ${moved} copies of buckets moved, planned ${plan.bucketsMoved}; killed ${killed.join(', ') || 'nobody'}${wrong === null ? '' : `; WRONG: ${wrong}`}`,
    );
    if (change.kind === 'drain' && change.givenUp === true && state === 'done') await this.#callBack(change);
  }

  /** What is wrong with what a change did, or null. */
  #judge(
    change: Change,
    state: RingOperationView['state'],
    plan: RingPlanView,
    gained: ReadonlyMap<string, number>,
    told: readonly RingOperationView[],
  ): string | null {
    const mayBeGivenUp = change.kind === 'drain' && change.givenUp === true;
    if (state === 'aborted' && mayBeGivenUp) return gained.size === 0 ? null : 'aborted, and yet it moved';
    if (state !== 'done') return `it is ${state}`;
    const planned = gainsPlanned(plan);
    if (!sameGains(planned, gained)) return `planned ${[...planned]}, moved ${[...gained]}`;
    // Old replicas that stay may have to take arcs too, which they hold already: those are no gains.
    const taken = told.at(-1)?.takers.filter(({ nodeId }) => planned.has(nodeId)) ?? [];
    const short = taken.find(({ nodeId, bucketsTotal }) => bucketsTotal < planned.get(nodeId)!);
    return short === undefined ? null : `${short.nodeId} said it took ${short.bucketsTotal}`;
  }

  async #killDuring(change: Change, id: string, kills: number, told: RingOperationView[]): Promise<string[]> {
    const killed: string[] = [];
    // A node that asks to be let in takes seconds to start: kills before that would strike no change.
    await until(`${id} is listed`, changeMs, async () => (await this.#operation(change, id)) !== null);
    for (let i = 0; i < kills; i++) {
      await pause(this.#fraction() * betweenMs);
      const found = await this.#operation(change, id);
      if (this.#ended(found, told)) break;
      // Whoever is out of the ring has no part in the change.
      const members = new Set((await this.#ring()).nodes.map(({ nodeId }) => nodeId));
      const running = this.#cluster.running.filter((each) => members.has(nodeName(each)));
      const node = running[Math.floor(this.#fraction() * running.length)]!;
      await this.#cluster.kill(node);
      this.kills++;
      killed.push(`${nodeName(node)} at ${found?.bucketsDone} of ${found?.bucketsTotal}`);
      await pause(this.#fraction() * betweenMs);
      this.#cluster.start(node, this.#flags(change, node));
      if (change.kind === 'drain' && change.givenUp === true) await this.#giveUp(id);
    }
    return killed;
  }

  #ended(operation: RingOperationView | null, told: RingOperationView[]): boolean {
    if (operation === null) return false;
    if (operation.takers.length > 0) told.push(operation);
    return ['done', 'aborted', 'refused'].includes(operation.state);
  }

  #flags(change: Change, node: number): string[] {
    return change.kind === 'replace' && node === change.by ? [`--replace=${nodeName(change.node)}`] : [];
  }

  async #begin(change: Change, plan: string): Promise<string> {
    const id = `${change.kind}-by-hand-${this.#asked++}`;
    const ask = (kind: 'drain' | 'reshape' | 'replicas', body: object) =>
      this.#cluster.ask(`cluster.${kind}`, 'POST', `/api/v1/cluster/${kind}`, { ...body, id, plan });
    switch (change.kind) {
      case 'drain':
        await ask('drain', { nodeId: nodeName(change.node) });
        return id;
      case 'reshape':
        await ask('reshape', { nodeId: nodeName(change.node), weight: change.weight });
        return id;
      case 'replicas':
        await ask('replicas', { replicas: change.replicas });
        return id;
      case 'replace':
        await this.#cluster.kill(change.node);
        this.kills++;
        this.#cluster.start(change.by, this.#flags(change, change.by));
        return `replacement of ${nodeName(change.node)}`;
      case 'join':
        this.#cluster.start(change.node);
        return `join of ${nodeName(change.node)}`;
      default:
        return change satisfies never;
    }
  }

  /** Its plan, or null where nothing would change. */
  async #plan(change: Change): Promise<RingPlanView | null> {
    const aim =
      change.kind === 'replicas'
        ? change
        : {
            kind: change.kind,
            nodeId: nodeName(change.node),
            ...(change.kind === 'replace' ? { by: nodeName(change.by) } : {}),
            ...(change.kind === 'reshape' ? { weight: change.weight } : {}),
          };
    const { status, body } = await this.#cluster.askOf(1, 'POST', '/api/v1/cluster/plan', aim);
    return status === 409 ? null : outputIn('cluster.plan', body);
  }

  async #giveUp(id: string): Promise<void> {
    await until('it is known whether it is given up', changeMs, async () => {
      const told = await this.#cluster.askOf(1, 'POST', '/api/v1/cluster/operations/abort', { id });
      return told.status === 200 || told.status === 409;
    });
  }

  /** A drain that was done before it could be given up: the node is let in again. */
  async #callBack({ node }: { readonly node: number }): Promise<void> {
    const path = '/api/v1/status';
    const state = async () =>
      outputIn('cluster.status', (await this.#cluster.askOf(node, 'GET', path)).body).state;
    await until(`${nodeName(node)} has left`, changeMs, async () => (await state()) === 'left');
    await this.#cluster.askOf(node, 'POST', '/gossip/join', {});
    await until(`${nodeName(node)} is back`, changeMs, async () => (await state()) === 'normal');
  }

  async #open(): Promise<readonly RingOperationView[]> {
    return (await this.#operations()).filter(({ state }) => ['queued', 'running', 'paused'].includes(state));
  }

  async #operation(change: Change, id: string): Promise<RingOperationView | null> {
    const all = await this.#operations();
    if (change.kind !== 'join' && change.kind !== 'replace')
      return all.find((each) => each.id === id) ?? null;
    return (
      all.findLast(({ kind, nodeId }) => kind === change.kind && nodeId === nodeName(change.node)) ?? null
    );
  }

  async #operations(): Promise<readonly RingOperationView[]> {
    return (await this.#cluster.ask('cluster.operations', 'GET', '/api/v1/cluster/operations')).operations;
  }

  #ring(): Promise<RingView> {
    return this.#cluster.ask('cluster.ring', 'GET', '/api/v1/ring');
  }

  async #ringOf(node: number): Promise<RingView> {
    const { body } = await this.#cluster.askOf(node, 'GET', '/api/v1/ring');
    return outputIn('cluster.ring', body);
  }
}
