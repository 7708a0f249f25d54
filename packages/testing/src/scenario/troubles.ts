import type { Address, Hlc } from '@starling/core/base/ids.ts';
import { parseAddress } from '@starling/core/base/ids.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import type { DiskSnapshot } from '../sim/disk.ts';
import type { LinkProfile } from '../sim/network.ts';
import type { SimProcess } from '../sim/process.ts';
import type { WireFrame } from '../sim/wire.ts';
import type { World } from '../sim/world.ts';
import { type Held, MessageGate, type MessageKind } from './message-gate.ts';
import { table } from './node-view.ts';
import { Stage } from './stage.ts';
import { StepWatch } from './step-watch.ts';

/** Bytes left on a disk that is nearly full: below the low-water mark, enough for small rows. */
const nearlyFullBytes = 2048;

/** Everything that can go wrong, each when the story says so and never otherwise. */
export class Troubles extends Stage {
  readonly #gate: MessageGate;

  protected constructor(world: World) {
    super(world);
    this.#gate = new MessageGate(this.world.network);
  }

  /** Cuts these nodes off from all others, both ways; among themselves they still talk. */
  cut(...names: string[]): this {
    return this.cutBetween(
      names,
      this.names.filter((name) => !names.includes(name)),
    );
  }

  cutBetween(left: readonly string[], right: readonly string[]): this {
    for (const a of left) for (const b of right) this.cutOneWay(a, b).cutOneWay(b, a);
    return this;
  }

  /** Nothing gets from `from` to `to`; the other way is open. */
  cutOneWay(from: string, to: string): this {
    this.#disturb(`cut ${from} → ${to}`);
    this.world.network.cut(this.#index(from), this.#index(to));
    return this;
  }

  /** Takes back one cut from `from` to `to`. */
  mendOneWay(from: string, to: string): this {
    this.story.tell(`mend ${from} → ${to}`);
    this.world.network.mend(this.#index(from), this.#index(to));
    return this;
  }

  /** Nothing gets from `from` to `to` for a while; then all of it does. */
  clog(from: string, to: string, forMs: number): this {
    this.#disturb(`clog ${from} → ${to} for ${forMs} ms`);
    this.world.network.clog(this.#index(from), this.#index(to), this.now + forMs);
    return this;
  }

  /** The connection between two nodes breaks. `halfOpen`: the first learns of it only much later. */
  resetConnection(a: string, b: string, halfOpen = false): this {
    this.#disturb(`break the connection ${a} - ${b}`);
    this.world.network.reset(this.#index(a), this.#index(b), halfOpen);
    return this;
  }

  /** From now on every link is like this. */
  weather(link: LinkProfile): this {
    this.#disturb('the weather changes');
    this.world.network.setProfile(link);
    return this;
  }

  /** Mends every link. */
  heal(): this {
    this.story.tell('heal the network');
    this.world.network.heal();
    return this;
  }

  /** Keeps back messages of a kind, from and to these nodes (any, where none is named). */
  hold(kind: MessageKind, from: string | null = null, to: string | null = null): Held {
    this.story.tell(`hold ${kind} ${from ?? 'anyone'} → ${to ?? 'anyone'}`);
    return this.#gate.hold({
      kind,
      from: from === null ? null : this.#index(from),
      to: to === null ? null : this.#index(to),
    });
  }

  /** The processes die; what they had written is the operating system's, and mostly survives. */
  kill(...names: string[]): this {
    for (const process of this.#all('kill', names)) process.kill(false);
    return this;
  }

  /** The machines lose power, all at one instant: whatever is not synced may be gone. */
  powerCut(...names: string[]): this {
    for (const process of this.#all('cut the power of', names)) process.kill(true);
    return this;
  }

  /** Counts the steps of a node from now on; it dies after `killAt` of them. */
  watchSteps(name: string, killAt = Number.POSITIVE_INFINITY, power = false): StepWatch {
    const watch = new StepWatch(this.world, this.world.process(name), { killAt, power });
    this.world.observe(watch);
    return watch;
  }

  /** An orderly stop: returns when the processes have ended. */
  stop(...names: string[]): this {
    const processes = this.#all('stop', names);
    for (const process of processes) process.deliver({ type: 'shutdown' });
    return this.until(`${names.join()} have stopped`, () =>
      processes.every(({ state }) => state === 'stopped'),
    );
  }

  /** Starts processes that are down: returns when they run, which is before they have recovered anything. */
  restart(...names: string[]): this {
    const processes = this.#all('start', names);
    for (const process of processes) process.start();
    return this.until(`${names.join()} run`, () => processes.every(({ state }) => state === 'up'), 10_000);
  }

  /** As `restart`, and waits for nothing. */
  start(...names: string[]): this {
    for (const process of this.#all('start', names)) process.start();
    return this;
  }

  /** As `stop`, and waits for nothing. */
  shutDown(...names: string[]): this {
    for (const process of this.#all('shut down', names)) process.deliver({ type: 'shutdown' });
    return this;
  }

  /** Starts a process that is down under another address. */
  restartAt(name: string, address: string): this {
    const [process] = this.#all(`at ${address} start`, [name]);
    const parsed = parseAddress(address) ?? this.story.fail(`${address} is no address`);
    this.world.moveTo(process!, parsed);
    return this.restart(name);
  }

  /** Starts a new node that knows the others' addresses; answers its name. */
  join(seeds: readonly Address[] = this.addresses()): string {
    const process = this.world.addProcess(seeds);
    process.start();
    this.story.tell(`${process.nodeId} wants to join`);
    return process.nodeId;
  }

  /** The event loop stands still: nothing is handled, nothing is lost. */
  pause(...names: string[]): this {
    for (const process of this.#all('pause', names)) process.pause();
    return this;
  }

  resume(...names: string[]): this {
    for (const process of this.#all('resume', names)) process.resume();
    return this;
  }

  /** Moves a node's wall clock by `ms`, either way. */
  jumpClock(name: string, ms: number): this {
    for (const process of this.#all(`jump the clock by ${ms} ms of`, [name])) process.clock.jump(ms);
    return this;
  }

  /** A node's wall clock stands still, until it is thawed. */
  freezeClock(name: string): this {
    for (const { clock } of this.#all('freeze the clock of', [name])) clock.freezeWall(this.now);
    return this;
  }

  thawClock(name: string): this {
    for (const { clock } of this.#all('thaw the clock of', [name])) clock.thawWall(this.now);
    return this;
  }

  /** Multiplies the time every sync and read of a disk takes; 1 is healthy. */
  slowDisk(name: string, times: number): this {
    for (const process of this.#all(`slow by ${times} the disk of`, [name])) process.slowness = times;
    return this;
  }

  /** The next writes of the disk end in an error, until `healDisk`. */
  failDisk(name: string): this {
    for (const { disk } of this.#all('break the disk of', [name])) disk.setFailing(true);
    return this;
  }

  /** The disk writes again; what else is wrong with it stays. */
  mendDisk(name: string): this {
    for (const { disk } of this.#all('mend the disk of', [name])) disk.setFailing(false);
    return this;
  }

  /** Next to nothing is left on the disk. */
  fillDisk(name: string, bytesLeft = nearlyFullBytes): this {
    for (const process of this.#all('fill the disk of', [name])) {
      process.disk.setQuota(process.disk.usedBytes + bytesLeft);
      process.watchRoom();
    }
    return this;
  }

  /** The disk has room again. */
  emptyDisk(name: string): this {
    for (const process of this.#all('make room on the disk of', [name])) {
      process.disk.setQuota(Number.POSITIVE_INFINITY);
      process.watchRoom();
    }
    return this;
  }

  /** Ends every fault of a disk that has an end. */
  healDisk(name: string): this {
    for (const process of this.#all('heal the disk of', [name])) {
      process.disk.heal();
      process.watchRoom();
    }
    return this;
  }

  /** Flips a bit in the stored record of a key: its checksum no longer fits. */
  corruptRecord(name: string, key: string): this {
    for (const { disk } of this.#all(`corrupt ${key} on`, [name]))
      this.story.expect(disk.corruptRow(keyRef(table, key).row), () => `${name} has no record of ${key}`);
    return this;
  }

  /** The data directory as it is on the platter now. */
  saveDirectory(name: string): DiskSnapshot {
    return this.world.process(name).disk.snapshot();
  }

  /**
   * Puts an older state of a stopped node's directory back: `copied` file by file, which the store notices, or
   * `rolledBack` as a whole volume, which it cannot.
   */
  restoreDirectory(name: string, saved: DiskSnapshot, how: 'copied' | 'rolledBack'): this {
    for (const { disk } of this.#all(`put an older directory (${how}) under`, [name]))
      disk.restore(saved, how);
    return this;
  }

  /** The store of a stopped node cannot be opened any more: its rows are gone. */
  loseStore(name: string): this {
    for (const { disk } of this.#all('lose the store of', [name])) disk.loseStore();
    return this;
  }

  /** A damaged block in the log of a stopped node: the first write of `key` is gone, what was written later is there. */
  loseFirstWriteOf(name: string, key: string): this {
    for (const { disk } of this.#all(`lose the first write of ${key} on`, [name]))
      this.story.expect(disk.loseBatchOf(keyRef(table, key).row), () => `${name} has no such batch`);
    return this;
  }

  /** A stopped node gets a new, empty directory. */
  wipeDirectory(name: string): this {
    for (const { disk } of this.#all('wipe', [name])) disk.wipe();
    return this;
  }

  /** From its next start on a node is given everybody's addresses as seeds. */
  giveSeeds(name: string): this {
    for (const process of this.#all('give seeds to', [name]))
      process.options = { ...process.options, seeds: this.addresses() };
    return this;
  }

  /** Sends raw bytes where a frame should be. */
  sendBytes(from: string, to: string, bytes: Uint8Array): this {
    this.story.tell(`${from} sends ${bytes.length} bytes to ${to}`);
    this.#sendFrame(from, to, bytes);
    return this;
  }

  /** Sends raw bytes where a membership packet should be. */
  sendDatagram(from: string, to: string, bytes: Uint8Array): this {
    const { index, options } = this.world.process(from);
    this.world.network.datagram(index, this.#index(to), {
      from: options.address,
      via: 'udp',
      content: bytes,
    });
    return this;
  }

  /** Sends a message as if `from` had: one it would never send itself. */
  sendMessage(from: string, to: string, message: PeerMessage): this {
    this.story.tell(`${from} sends ${message.kind} to ${to}`);
    const sentAt = this.world.process(from).clock.mono(this.now);
    this.#sendFrame(from, to, { hlc: 0 as Hlc, messages: [message], sentAt });
    return this;
  }

  #sendFrame(from: string, to: string, content: WireFrame['content']): void {
    const frame = { from: this.world.process(from).nodeId, content, unknown: null };
    this.world.network.send(this.#index(from), this.#index(to), { kind: 'frame', frame });
  }

  #all(what: string, names: readonly string[]): SimProcess[] {
    this.#disturb(`${what} ${names.join()}`);
    return names.map((name) => this.world.process(name));
  }

  #disturb(what: string): void {
    this.story.tell(what);
    this.world.disturbed = true;
  }

  #index(name: string): number {
    return this.world.process(name).index;
  }
}
