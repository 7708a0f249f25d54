import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import { hlcOf } from '../causality/hlc.ts';
import type { Dot } from '../causality/record.ts';
import { keyRef } from '../ring/key.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { RequestMemory } from './request-memory.ts';

const ref = keyRef('default', 'a');
const request = '00112233aabbccdd';
const dot: Dot = { actor: 'n1~1.0' as ActorId, counter: 4 };
const written = writeSibling(emptyRecord, [], {
  dot,
  hlc: 9 as Hlc,
  value: null,
  scoped: false,
  expiresAt: 0,
  request,
});

function memory(rows = new MemoryRows()) {
  const clock = { now: 1_000_000 };
  const requests = new RequestMemory(rows.log, rows.disk, () => clock.now);
  const find = (key = ref, tag = request): Dot | null | undefined => {
    let found: Dot | null | undefined;
    requests.find(key, tag, (known) => {
      found = known;
    });
    rows.answerReads();
    return found;
  };
  return { rows, requests, clock, find };
}

describe('request memory', () => {
  it('knows a request in the very step that applied it, and after a restart', () => {
    const { rows, requests, find } = memory();
    requests.note(ref, emptyRecord, written);
    expect(find()).toEqual(dot);
    rows.sync();
    expect(memory(rows).find()).toEqual(dot);
  });

  it('notes again what a record carries and its lost rows do not tell, unless it is too old to be asked for', () => {
    const { rows, requests, clock, find } = memory();
    const young = { ...written, siblings: [{ ...written.siblings[0]!, hlc: hlcOf(clock.now) }] };
    requests.noteAgain(ref, young);
    rows.sync();
    expect(find()).toEqual(dot);
    rows.rows.clear();
    clock.now += limits.requestMemoryMs + 1;
    requests.noteAgain(ref, young);
    rows.sync();
    expect(find()).toBeNull();
    expect(rows.rows.size).toBe(0);
  });

  it('knows it per key', () => {
    const { rows, requests, find } = memory();
    requests.note(ref, emptyRecord, written);
    rows.sync();
    expect(find(keyRef('default', 'b'))).toBeNull();
  });

  it('notes a request once, however often its record comes by', () => {
    const { rows, requests } = memory();
    requests.note(ref, emptyRecord, written);
    rows.sync();
    requests.note(ref, written, written);
    expect(rows.log.lastSeq).toBe(1);
  });

  it('has nothing to ask for a client that gave no id', () => {
    expect(memory().find(ref, '')).toBeNull();
  });

  it('forgets at its bound, not before, and frees the row (limits.requestMemoryMs)', () => {
    const { rows, requests, clock, find } = memory();
    requests.note(ref, emptyRecord, written);
    rows.sync();
    clock.now += limits.requestMemoryMs;
    expect(find()).toEqual(dot);
    clock.now += 1;
    expect(find()).toBeNull();
    requests.forget('', () => undefined);
    rows.settle();
    expect(rows.rows.size).toBe(0);
  });
});
