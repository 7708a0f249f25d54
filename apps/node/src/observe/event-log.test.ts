import { type NodeEvent, parseNodeId } from '@starling/core';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { EventLog } from './event-log.ts';

function record(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  let now = 0;
  const log = new EventLog(
    pino({ level }, { write: (line) => void lines.push(JSON.parse(line)) }),
    () => now,
  );
  return { log, lines, later: (ms: number) => (now += ms) };
}

const corrupt: NodeEvent = { type: 'corrupt', row: 'd/1' };

describe('event log', () => {
  it('tells every change of state', () => {
    const { log, lines } = record();
    log.note({ type: 'state', state: 'normal', reason: 'owns its arcs' });
    log.note({ type: 'member', nodeId: parseNodeId('node-2')!, status: 'dead' });
    log.note({ type: 'member', nodeId: parseNodeId('node-2')!, status: 'dead' });
    log.note({ type: 'ring', epoch: 3, reason: 'settled' });
    expect(lines.map(({ msg }) => msg)).toEqual(['this node is normal', 'member is dead', 'ring: settled']);
  });

  it('tells a flood once a minute, with how many it kept back', () => {
    const { log, lines, later } = record();
    for (let i = 0; i < 100; i++) log.note(corrupt);
    expect(lines).toHaveLength(1);
    later(60_000);
    log.note(corrupt);
    expect(lines[1]).toMatchObject({ code: 'corrupt', keptBack: 99 });
  });

  it('keeps the work of every day out of the log', () => {
    const { log, lines } = record();
    const [from, to] = [parseNodeId('node-1')!, parseNodeId('node-2')!];
    log.note({ type: 'transfer', from, to, bucketsDone: 1, bucketsTotal: 2, bytes: 3 });
    log.note({ type: 'hint', target: to, pending: 1, change: 'kept' });
    log.note({ type: 'repair', key: 'a', replica: to });
    expect(lines).toEqual([]);
  });
});
