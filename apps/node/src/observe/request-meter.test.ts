import type { ClientAnswer } from '@starling/core';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { RequestMeter } from './request-meter.ts';

const listed: ClientAnswer = { kind: 'listed', keys: [], next: null };
const refused: ClientAnswer = {
  kind: 'error',
  error: { code: 'overloaded', outcome: 'failed', message: 'too many requests' },
  explain: null,
};

describe('request meter', () => {
  it('counts reads, writes and errors over the last ten seconds', () => {
    const meter = new RequestMeter(new Registry());
    meter.record('list', listed, 5);
    meter.record('put', refused, 1);
    expect(meter.reads()).toMatchObject({ perSecond: 1 });
    expect(meter.reads().p50Ms).toBeCloseTo(5, 1);
    expect(meter.writes()).toMatchObject({ perSecond: 1 });
    expect(meter.errorsPerSecond()).toBe(0.1);
    for (let i = 0; i < 10; i++) meter.advance();
    expect(meter.errorsPerSecond()).toBe(0);
  });

  it('shows Prometheus every answer once, by kind and result', async () => {
    const registry = new Registry();
    const meter = new RequestMeter(registry);
    for (let i = 0; i < 3; i++) meter.record('put', refused, 1);
    meter.record('list', listed, 1);
    await registry.metrics();
    meter.record('list', listed, 1);
    const text = await registry.metrics();
    expect(text).toContain('starling_requests_total{kind="put",result="overloaded"} 3');
    expect(text).toContain('starling_requests_total{kind="list",result="ok"} 2');
    expect(text).toContain('starling_request_seconds_count{kind="list"} 2');
  });
});
