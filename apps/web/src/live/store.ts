import { applyLiveMessage, type LiveMessage, type LiveState, liveMessageSchema } from '@starling/api-types';
import { NodePalette } from '../nodes/node-palette.ts';
import { learnedOrigins } from './addresses.ts';
import { foldRuns } from './event-runs.ts';
import { History } from './history.ts';
import { liveLimits } from './limits.ts';
import type { LinkStatus } from './link.ts';

/** What the tab shows: one consistent view, replaced as a whole. */
export interface LiveView {
  readonly status: LinkStatus;
  /** The node whose view this is; null before the first snapshot. */
  readonly observer: string | null;
  readonly state: LiveState | null;
  /** By this browser's clock: when the last message arrived. */
  readonly heardAt: number;
  /** What to add to this browser's clock to get the observer's. */
  readonly clockOffsetMs: number;
  /** Set while the view stands still; the stream goes on behind it. */
  readonly paused: { readonly since: number; readonly missed: number } | null;
  /** A message could not be read: the node speaks another version of the contract. */
  readonly unreadable: string | null;
}

export interface StorePorts {
  readonly now: () => number;
  /** Calls back once, after so many milliseconds. */
  readonly after: (ms: number, callback: () => void) => void;
  readonly secure: boolean;
}

/**
 * The live state of this tab, outside React. Messages are folded as they come and shown at most every `publishMs`,
 * so a burst costs one render; paused, folding goes on but what is shown stands still.
 */
export class LiveStore {
  readonly history = new History();
  readonly palette = new NodePalette();
  private readonly ports: StorePorts;
  private readonly listeners = new Set<() => void>();
  private readonly first: LiveView;
  private shown: LiveView;
  private latest: LiveView;
  private publishing = false;
  private learned: readonly string[] = [];

  constructor(ports: StorePorts) {
    this.ports = ports;
    this.latest = {
      status: { phase: 'connecting', since: ports.now(), trying: [] },
      observer: null,
      state: null,
      heardAt: 0,
      clockOffsetMs: 0,
      paused: null,
      unreadable: null,
    };
    this.shown = this.latest;
    this.first = this.latest;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly view = (): LiveView => this.shown;

  /** The view before anything was heard: what a server renders, and what a page must begin with to match it. */
  readonly firstView = (): LiveView => this.first;

  /** Origins of nodes that the stream told of; they survive the loss of every configured node. */
  learnedOrigins(): readonly string[] {
    return this.learned;
  }

  setStatus(status: LinkStatus): void {
    this.update({ status });
  }

  ingest(text: string): void {
    const message = read(text);
    if (typeof message === 'string') {
      this.update({ unreadable: message });
      return;
    }
    const applied = applyLiveMessage(this.latest.state, message, Number.POSITIVE_INFINITY);
    if (applied === null) return;
    const state = applied.events === this.latest.state?.events ? applied : withEvents(applied);
    const now = this.ports.now();
    const clockOffsetMs = message.at - now;
    if (message.type === 'snapshot' || message.type === 'nodes') {
      this.palette.learn(state.nodes.map((node) => node.nodeId));
      this.learned = learnedOrigins(state.nodes, this.ports.secure);
      this.keepHistory(state, now, message.at);
    }
    this.update({ state, observer: message.observer, heardAt: now, clockOffsetMs, unreadable: null });
  }

  pause(): void {
    if (this.latest.paused !== null) return;
    this.latest = { ...this.latest, paused: { since: this.ports.now(), missed: 0 } };
    this.shown = this.latest;
    this.announce();
  }

  resume(): void {
    this.latest = { ...this.latest, paused: null };
    this.show();
  }

  private keepHistory(state: LiveState, now: number, at: number): void {
    for (const report of state.nodes) {
      const age = report.observedAt === null ? Number.POSITIVE_INFINITY : at - report.observedAt;
      // An old report said again is not news: without this a dead node's last figures would be drawn for ever.
      if (age < liveLimits.fadeMs) this.history.record(Math.floor(now / 1000), report);
    }
  }

  private update(change: Partial<LiveView>): void {
    const { paused } = this.latest;
    this.latest = { ...this.latest, ...change };
    if (paused !== null) {
      this.latest = { ...this.latest, paused: { ...paused, missed: paused.missed + 1 } };
      // What is shown stays, but never the claim that the connection is what it was.
      this.shown = { ...this.shown, status: this.latest.status, paused: this.latest.paused };
    }
    if (this.publishing) return;
    this.publishing = true;
    this.ports.after(liveLimits.publishMs, () => {
      this.publishing = false;
      if (this.latest.paused === null) this.show();
      else this.announce();
    });
  }

  private show(): void {
    this.shown = this.latest;
    this.announce();
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }
}

function withEvents(state: LiveState): LiveState {
  return { ...state, events: foldRuns(state.events).slice(-liveLimits.eventsKept) };
}

/** The message, or what is wrong with it. */
function read(text: string): LiveMessage | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'a message was not JSON';
  }
  const result = liveMessageSchema.safeParse(parsed);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  return `a message did not fit the contract at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? ''}`;
}
