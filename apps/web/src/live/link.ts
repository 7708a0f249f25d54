import { liveLimits } from './limits.ts';

/**
 * Keeps one live connection to whichever node answers. Addresses race with a small stagger, as in Happy Eyeballs
 * (RFC 8305): the first that brings a message wins and the others are let go. A connection that falls silent is
 * given up like one that closes, because a frozen process keeps its sockets open.
 */
export interface LinkPorts {
  /** Opens a socket; its callbacks may be called until `close`. Throws where the address is not one. */
  readonly open: (address: string, events: SocketEvents) => LinkSocket;
  /** Addresses in order of preference, read anew for every round. */
  readonly addresses: () => readonly string[];
  readonly onMessage: (address: string, text: string) => void;
  readonly onStatus: (status: LinkStatus) => void;
  readonly now: () => number;
  /** Calls back once, after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** From 0 up to 1: spreads the tabs of one console that all lost the same node. */
  readonly jitter: () => number;
}

export interface SocketEvents {
  readonly message: (text: string) => void;
  readonly closed: (reason: string) => void;
}

export interface LinkSocket {
  readonly close: () => void;
}

export type LinkStatus =
  | { readonly phase: 'connecting'; readonly since: number; readonly trying: readonly string[] }
  | { readonly phase: 'live'; readonly since: number; readonly address: string }
  | {
      readonly phase: 'waiting';
      readonly since: number;
      readonly retryAt: number;
      readonly failures: readonly { readonly address: string; readonly reason: string }[];
    };

interface Attempt {
  readonly address: string;
  readonly socket: LinkSocket;
  readonly cancelTimeout: () => void;
}

export class LiveLink {
  private readonly ports: LinkPorts;
  private attempts: Attempt[] = [];
  private current: Attempt | null = null;
  private queue: string[] = [];
  private failures: { readonly address: string; readonly reason: string }[] = [];
  private since: number;
  private rounds = 0;
  private avoided: string | null = null;
  private cancelStagger: () => void = () => {};
  private cancelRetry: () => void = () => {};
  private stopped = true;

  constructor(ports: LinkPorts) {
    this.ports = ports;
    this.since = ports.now();
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.since = this.ports.now();
    this.beginRound();
  }

  stop(): void {
    this.stopped = true;
    this.letGo();
  }

  /** Leaves the node listened to and begins anew with the addresses as they are now ordered. */
  restart(): void {
    if (this.stopped) return;
    this.letGo();
    this.avoided = null;
    this.since = this.ports.now();
    this.beginRound();
  }

  /** Ends a wait between rounds now: the network came back, or a person asked. */
  retryNow(): void {
    if (this.stopped || this.current !== null || this.attempts.length > 0) return;
    this.cancelRetry();
    this.beginRound();
  }

  private letGo(): void {
    this.cancelStagger();
    this.cancelRetry();
    for (const attempt of [...this.attempts, ...(this.current === null ? [] : [this.current])]) {
      attempt.cancelTimeout();
      attempt.socket.close();
    }
    this.attempts = [];
    this.current = null;
  }

  private beginRound(): void {
    const addresses = [...new Set(this.ports.addresses())];
    // The one just lost is tried last, so that a frozen node does not hold up the others.
    this.queue = addresses.filter((address) => address !== this.avoided);
    if (this.avoided !== null && addresses.includes(this.avoided)) this.queue.push(this.avoided);
    this.failures = [];
    this.tryNext();
  }

  private tryNext(): void {
    this.cancelStagger();
    const address = this.queue.shift();
    if (address === undefined) {
      if (this.attempts.length === 0) this.waitAndRetry();
      return;
    }
    this.attempt(address);
    if (this.queue.length > 0) {
      this.cancelStagger = this.ports.after(liveLimits.staggerMs, () => this.tryNext());
    }
  }

  private attempt(address: string): void {
    let attempt: Attempt | null = null;
    const fail = (reason: string) => {
      if (attempt !== null) this.failed(attempt, reason);
    };
    try {
      const socket = this.ports.open(address, {
        message: (text) => {
          if (attempt !== null) this.received(attempt, text);
        },
        closed: fail,
      });
      const cancelTimeout = this.ports.after(liveLimits.attemptMs, () => fail('no answer'));
      attempt = { address, socket, cancelTimeout };
      this.attempts.push(attempt);
      this.announceConnecting();
    } catch (error) {
      this.failures.push({ address, reason: error instanceof Error ? error.message : 'not an address' });
      this.tryNext();
    }
  }

  private announceConnecting(): void {
    const trying = this.attempts.map((attempt) => attempt.address);
    this.ports.onStatus({ phase: 'connecting', since: this.since, trying });
  }

  private received(attempt: Attempt, text: string): void {
    if (this.current === null && this.attempts.includes(attempt)) this.adopt(attempt);
    if (this.current?.socket !== attempt.socket) return;
    this.current.cancelTimeout();
    this.current = {
      ...this.current,
      cancelTimeout: this.ports.after(liveLimits.silenceMs, () => this.failed(attempt, 'fell silent')),
    };
    this.ports.onMessage(attempt.address, text);
  }

  private adopt(attempt: Attempt): void {
    this.attempts = this.attempts.filter((other) => other !== attempt);
    this.letGo();
    this.current = attempt;
    this.rounds = 0;
    this.avoided = null;
    this.since = this.ports.now();
    this.ports.onStatus({ phase: 'live', since: this.since, address: attempt.address });
  }

  private failed(attempt: Attempt, reason: string): void {
    if (this.stopped) return;
    if (this.current?.socket === attempt.socket) {
      this.letGo();
      this.avoided = attempt.address;
      this.since = this.ports.now();
      this.beginRound();
      return;
    }
    if (!this.attempts.includes(attempt)) return;
    attempt.cancelTimeout();
    attempt.socket.close();
    this.attempts = this.attempts.filter((other) => other !== attempt);
    this.failures.push({ address: attempt.address, reason });
    this.tryNext();
  }

  private waitAndRetry(): void {
    const full = Math.min(liveLimits.backoffMs * 2 ** this.rounds, liveLimits.backoffMsMax);
    const wait = full * (0.75 + 0.25 * this.ports.jitter());
    this.rounds += 1;
    const retryAt = this.ports.now() + wait;
    this.ports.onStatus({ phase: 'waiting', since: this.since, retryAt, failures: this.failures });
    this.cancelRetry = this.ports.after(wait, () => this.beginRound());
  }
}
