import type { NodeEvent } from '@starling/core/node/event.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I18: for one observer the incarnation of a member never falls, a life begins above all earlier ones, and where nothing is wrong nobody is suspected.
 * Observes member lists as time goes on, and member events in lifetimes without faults.
 */
export class Incarnations implements Checker {
  readonly id = 'I18';
  readonly #context: CheckContext;
  /** Highest incarnation seen, by observer's life, member and its data directory. */
  readonly #highest = new Map<string, number>();
  /** Highest incarnation each data directory has claimed for itself. */
  readonly #claimed = new Map<string, number>();
  readonly #calm: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { faults, link, clocks } = context.world.options;
    this.#calm =
      Object.keys(faults).length === 0 &&
      link.loss === 0 &&
      link.delayMeanMs < 20 &&
      link.delayFloorMs < 20 &&
      link.slowTailMs < 200 &&
      clocks.driftMax < 0.02;
  }

  /** Otherwise the news of a death outlives the return. */
  booted(process: SimProcess): void {
    // A bit that flips on the way can raise a claim by more than any number of lives, and so does succeeding to the name
    // of a directory that is gone; the life after that hears of it and rises above.
    const { recode, faults } = this.#context.world.options;
    if (recode || faults['disk.wipe'] !== undefined) return;
    for (const { nodeId, instanceId, incarnation } of process.machine?.members() ?? []) {
      if (nodeId !== process.nodeId) continue;
      const claimed = this.#claimed.get(`${nodeId} ${instanceId}`) ?? 0;
      ensure(
        this.id,
        incarnation > claimed,
        () => `${nodeId} began a life at incarnation ${incarnation}, having claimed ${claimed} before`,
      );
      this.#claimed.set(`${nodeId} ${instanceId}`, incarnation);
    }
  }

  poll(): void {
    for (const observer of this.#context.world.processes) {
      for (const { nodeId, instanceId, incarnation } of observer.machine?.members() ?? []) {
        const key = `${observer.index}.${observer.boots} ${nodeId} ${instanceId}`;
        const highest = this.#highest.get(key) ?? 0;
        ensure(
          this.id,
          incarnation >= highest,
          () => `${observer.nodeId} saw ${nodeId} go back from incarnation ${highest} to ${incarnation}`,
        );
        this.#highest.set(key, incarnation);
        if (nodeId === observer.nodeId) this.#claimed.set(`${nodeId} ${instanceId}`, incarnation);
      }
    }
  }

  event(process: SimProcess, event: NodeEvent): void {
    if (event.type !== 'member') return;
    if (event.status === 'suspect') this.#context.markers.reach('member suspected');
    if (event.status === 'dead') this.#context.markers.reach('member declared dead');
    const calm = this.#calm && !this.#context.world.disturbed;
    const wrong = calm && (event.status === 'suspect' || event.status === 'dead');
    ensure(
      this.id,
      !wrong,
      () => `${process.nodeId} holds ${event.nodeId} for ${event.status} though nothing is wrong`,
    );
  }
}
