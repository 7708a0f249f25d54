import type { LinkProfile } from './network.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** The hands of the nemesis: each does one thing to the cluster and tells the chronicle, if one is kept. */
export class Hands {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  cut(from: number, to: number): void {
    this.#world.network.cut(from, to);
    this.#world.chronicle?.did('cutOneWay', this.#name(from), this.#name(to));
  }

  mend(from: number, to: number): void {
    this.#world.network.mend(from, to);
    this.#world.chronicle?.did('mendOneWay', this.#name(from), this.#name(to));
  }

  clog(from: number, to: number, forMs: number): void {
    this.#world.network.clog(from, to, this.#world.now + forMs);
    this.#world.chronicle?.did('clog', this.#name(from), this.#name(to), forMs);
  }

  reset(a: number, b: number, halfOpen: boolean): void {
    this.#world.network.reset(a, b, halfOpen);
    this.#world.chronicle?.did('resetConnection', this.#name(a), this.#name(b), halfOpen);
  }

  weather(link: LinkProfile): void {
    this.#world.network.setProfile(link);
    this.#world.chronicle?.did('weather', link);
  }

  kill(process: SimProcess, power: boolean): void {
    process.kill(power);
    this.#world.chronicle?.did(power ? 'powerCut' : 'kill', process.nodeId);
  }

  start(process: SimProcess): void {
    process.start();
    this.#world.chronicle?.did('start', process.nodeId);
  }

  pause(process: SimProcess): void {
    process.pause();
    this.#world.chronicle?.did('pause', process.nodeId);
  }

  resume(process: SimProcess): void {
    process.resume();
    this.#world.chronicle?.did('resume', process.nodeId);
  }

  shutDown(process: SimProcess): void {
    process.deliver({ type: 'shutdown' });
    this.#world.chronicle?.did('shutDown', process.nodeId);
  }

  slow(process: SimProcess, times: number): void {
    process.slowness = times;
    this.#world.chronicle?.did('slowDisk', process.nodeId, times);
  }

  setFailing(process: SimProcess, failing: boolean): void {
    process.disk.setFailing(failing);
    this.#world.chronicle?.did(failing ? 'failDisk' : 'mendDisk', process.nodeId);
  }

  fill(process: SimProcess, bytesLeft: number): void {
    process.disk.setQuota(process.disk.usedBytes + bytesLeft);
    process.watchRoom();
    this.#world.chronicle?.did('fillDisk', process.nodeId, bytesLeft);
  }

  empty(process: SimProcess): void {
    process.disk.setQuota(Number.POSITIVE_INFINITY);
    process.watchRoom();
    this.#world.chronicle?.did('emptyDisk', process.nodeId);
  }

  jump(process: SimProcess, ms: number): void {
    process.clock.jump(ms);
    this.#world.chronicle?.did('jumpClock', process.nodeId, ms);
  }

  freeze(process: SimProcess): void {
    process.clock.freezeWall(this.#world.now);
    this.#world.chronicle?.did('freezeClock', process.nodeId);
  }

  thaw(process: SimProcess): void {
    process.clock.thawWall(this.#world.now);
    this.#world.chronicle?.did('thawClock', process.nodeId);
  }

  #name(index: number): string {
    return this.#world.processes[index]!.nodeId;
  }
}
