import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveLimits } from './limits.ts';
import { type LinkStatus, LiveLink, type SocketEvents } from './link.ts';

/** A network of addresses that say when they answer; time is vitest's. */
function scene(addresses: readonly string[]) {
  const open = new Map<string, SocketEvents[]>();
  const closed: string[] = [];
  const statuses: LinkStatus[] = [];
  const messages: string[] = [];
  const link = new LiveLink({
    open: (address, events) => {
      if (address === 'rubbish') throw new Error('not an address');
      open.set(address, [...(open.get(address) ?? []), events]);
      return { close: () => closed.push(address) };
    },
    addresses: () => addresses,
    onMessage: (address, text) => messages.push(`${address}: ${text}`),
    onStatus: (status) => statuses.push(status),
    now: () => Date.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    jitter: () => 1,
  });
  const socket = (address: string) => open.get(address)?.at(-1);
  const tries = (address: string) => open.get(address)?.length ?? 0;
  return { link, statuses, messages, closed, socket, tries };
}

describe('the live link', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('keeps the first address that speaks and lets the slower ones go', () => {
    const { link, messages, closed, socket, statuses } = scene(['a', 'b', 'c']);
    link.start();
    vi.advanceTimersByTime(liveLimits.staggerMs);
    socket('b')?.message('hello');
    expect(messages).toEqual(['b: hello']);
    expect(closed).toEqual(['a']);
    expect(statuses.at(-1)).toMatchObject({ phase: 'live', address: 'b' });
    socket('a')?.message('too late');
    expect(messages).toEqual(['b: hello']);
  });

  it('goes to the next address at once when one refuses', () => {
    const { link, socket, tries } = scene(['a', 'b']);
    link.start();
    socket('a')?.closed('refused');
    expect(tries('b')).toBe(1);
  });

  it('passes over an address that is none', () => {
    const { link, tries } = scene(['rubbish', 'b']);
    link.start();
    expect(tries('b')).toBe(1);
  });

  it('leaves a node that falls silent, though its socket stays open, and tries it last', () => {
    const { link, socket, closed, tries, statuses } = scene(['a', 'b']);
    link.start();
    socket('a')?.message('hello');
    vi.advanceTimersByTime(liveLimits.silenceMs - 1);
    expect(closed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(closed).toEqual(['a']);
    expect(tries('b')).toBe(1);
    expect(tries('a')).toBe(1);
    socket('b')?.message('hello');
    expect(statuses.at(-1)).toMatchObject({ phase: 'live', address: 'b' });
  });

  it('stays as long as there is something to hear', () => {
    const { link, socket, closed } = scene(['a', 'b']);
    link.start();
    for (let beat = 0; beat < 50; beat++) {
      socket('a')?.message('beat');
      vi.advanceTimersByTime(liveLimits.silenceMs - 1);
    }
    expect(closed).toEqual([]);
  });

  it('gives up an attempt that never speaks', () => {
    const { link, statuses, closed } = scene(['a']);
    link.start();
    vi.advanceTimersByTime(liveLimits.attemptMs);
    expect(closed).toEqual(['a']);
    expect(statuses.at(-1)).toMatchObject({
      phase: 'waiting',
      failures: [{ address: 'a', reason: 'no answer' }],
    });
  });

  it('waits longer after each round without an answer, up to its bound, and comes back by itself', () => {
    const { link, socket, tries, statuses } = scene(['a']);
    link.start();
    for (let round = 0; round < 12; round++) {
      socket('a')?.closed('refused');
      const wait = Math.min(liveLimits.backoffMs * 2 ** round, liveLimits.backoffMsMax);
      vi.advanceTimersByTime(wait - 1);
      expect(tries('a')).toBe(round + 1);
      vi.advanceTimersByTime(1);
      expect(tries('a')).toBe(round + 2);
    }
    socket('a')?.message('hello');
    expect(statuses.at(-1)).toMatchObject({ phase: 'live', address: 'a' });
    socket('a')?.closed('gone');
    socket('a')?.closed('refused');
    const status = statuses.at(-1);
    expect(status?.phase === 'waiting' && status.retryAt - Date.now()).toBe(liveLimits.backoffMs);
  });

  it('ends a wait when asked, and does nothing after it was stopped', () => {
    const { link, socket, tries } = scene(['a']);
    link.start();
    socket('a')?.closed('refused');
    link.retryNow();
    expect(tries('a')).toBe(2);
    link.stop();
    vi.advanceTimersByTime(60_000);
    link.retryNow();
    expect(tries('a')).toBe(2);
  });
});
