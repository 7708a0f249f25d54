import { describe, expect, it } from 'vitest';
import { WriteLog } from './write-log.ts';

function logged() {
  const batches: { seq: number; rows: string[] }[] = [];
  const log = new WriteLog((seq, rows) => batches.push({ seq, rows: rows.map(([row]) => row) }));
  return { log, batches };
}
const bytes = new Uint8Array(1);

describe('the write log', () => {
  it('sends the rows of one step as one batch and the next step as the next', () => {
    const { log, batches } = logged();
    log.stage('a', bytes);
    log.stage('b', null);
    log.flush();
    log.flush();
    log.stage('c', bytes);
    log.flush();
    expect(batches).toEqual([
      { seq: 1, rows: ['a', 'b'] },
      { seq: 2, rows: ['c'] },
    ]);
  });

  it('runs nothing before the batch it waits for is durable', () => {
    const { log } = logged();
    const ran: string[] = [];
    const first = log.stage('a', bytes);
    log.flush();
    const second = log.stage('b', bytes);
    log.flush();
    log.whenDurable(second, () => ran.push('second'));
    log.whenDurable(first, () => ran.push('first'));
    log.written(1);
    expect(ran).toEqual(['first']);
    log.written(2);
    expect(ran).toEqual(['first', 'second']);
  });

  it('takes a report for a later batch as one for all before it, in order', () => {
    const { log } = logged();
    const ran: number[] = [];
    for (let i = 0; i < 3; i++) {
      const seq = log.stage('a', bytes);
      log.flush();
      log.whenDurable(seq, () => ran.push(seq));
    }
    log.written(3);
    log.written(2);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('answers at once for what is durable already', () => {
    const { log } = logged();
    log.stage('a', bytes);
    log.flush();
    log.written(1);
    let ran = false;
    log.whenDurable(1, () => {
      ran = true;
    });
    expect(ran).toBe(true);
    expect(log.lastSeq).toBe(1);
  });

  it('knows how many bytes are not durable yet', () => {
    const { log } = logged();
    log.stage('abc', new Uint8Array(10));
    expect(log.pendingBytes).toBe(13);
    log.flush();
    log.stage('d', null);
    log.flush();
    expect(log.pendingBytes).toBe(14);
    log.written(1);
    expect(log.pendingBytes).toBe(1);
    log.written(2);
    expect(log.pendingBytes).toBe(0);
  });
});
