import { describe, expect, it } from 'vitest';
import { LatencyWindow, windowSeconds } from './latency-window.ts';

describe('latency window', () => {
  it('has no percentiles before anything happened', () => {
    expect(new LatencyWindow().stats()).toEqual({ perSecond: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0 });
  });

  it('tells percentiles to a thousandth of their size', () => {
    const window = new LatencyWindow();
    for (let ms = 1; ms <= 1000; ms++) window.record(ms);
    const { p50Ms, p99Ms, p999Ms } = window.stats();
    expect(Math.abs(p50Ms - 500)).toBeLessThanOrEqual(1);
    expect(Math.abs(p99Ms - 990)).toBeLessThanOrEqual(1);
    expect(Math.abs(p999Ms - 999)).toBeLessThanOrEqual(1);
  });

  it('counts per second over the seconds it has seen, up to ten', () => {
    const window = new LatencyWindow();
    for (let i = 0; i < 30; i++) window.record(1);
    expect(window.stats().perSecond).toBe(30);
    window.advance();
    window.advance();
    expect(window.stats().perSecond).toBe(10);
  });

  it('forgets what is older than ten seconds', () => {
    const window = new LatencyWindow();
    window.record(500);
    for (let i = 1; i < windowSeconds; i++) window.advance();
    expect(window.stats().p50Ms).toBeGreaterThan(0);
    window.advance();
    expect(window.stats()).toEqual({ perSecond: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0 });
  });

  it('takes the longest and the shortest latency without loss', () => {
    const window = new LatencyWindow();
    window.record(0);
    window.record(1e9);
    expect(window.stats().perSecond).toBe(2);
  });
});
