import { expect, test } from 'vitest';
import { RumorQueue } from './rumor-queue.ts';
import { nodeId } from './test-names.ts';

const [a, b, c] = [nodeId('a'), nodeId('b'), nodeId('c')];

function pick(queue: RumorQueue, limit: number, room: number): string[] {
  const picked: string[] = [];
  queue.pick(limit, (name) => {
    if (picked.length === room) return false;
    picked.push(name);
    return true;
  });
  return picked;
}

test('the news told least goes first, and is dropped when told often enough', () => {
  const queue = new RumorQueue(10);
  queue.push(a);
  expect(pick(queue, 2, 1)).toEqual(['a']);
  queue.push(b);
  queue.push(c);
  expect(pick(queue, 2, 2)).toEqual(['b', 'c']);
  expect(pick(queue, 2, 9)).toEqual(['a', 'b', 'c']);
  expect(queue.size).toBe(0);
  expect(pick(queue, 2, 9)).toEqual([]);
});

test('newer news about a member replaces the older and starts untold', () => {
  const queue = new RumorQueue(10);
  queue.push(a);
  pick(queue, 4, 9);
  queue.push(b);
  queue.push(a);
  expect(queue.list()).toEqual([
    { nodeId: 'b', transmits: 0 },
    { nodeId: 'a', transmits: 0 },
  ]);
});

test('what does not fit is not counted as told and heads the next packet', () => {
  const queue = new RumorQueue(10);
  queue.push(a);
  queue.push(b);
  expect(pick(queue, 4, 1)).toEqual(['a']);
  expect(queue.list()).toEqual([
    { nodeId: 'b', transmits: 0 },
    { nodeId: 'a', transmits: 1 },
  ]);
});

test('over its bound the queue drops what was told most often', () => {
  const queue = new RumorQueue(2);
  queue.push(a);
  pick(queue, 4, 9);
  queue.push(b);
  queue.push(c);
  expect(queue.list().map(({ nodeId: name }) => name)).toEqual(['b', 'c']);
  expect(queue.has(a)).toBe(false);
});
