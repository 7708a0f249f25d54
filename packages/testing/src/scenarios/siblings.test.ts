import { limits } from '@starling/core/base/limits.ts';
import { formatDot } from '@starling/core/causality/dot.ts';
import { expect, test } from 'vitest';
import type { Answer } from '../scenario/answer.ts';
import { cluster } from '../scenario/cluster.ts';

test('the golden table of dotted version vectors holds over the API', () => {
  const c = cluster(1);
  const first = c.put('n1', 'k', 'v1', { seen: 'nothing' }).expect('ok');
  c.put('n1', 'k', 'v2', { seen: 'nothing' }).expect('ok');
  const atTwo = c.get('n1', 'k').toShow('v2', 'v1');
  c.put('n1', 'k', 'v3', { seen: first }).expect('ok');
  c.get('n1', 'k').toShow('v3', 'v2');
  c.put('n1', 'k', 'v4', { seen: atTwo }).expect('ok');
  const atFour = c.get('n1', 'k').toShow('v4', 'v3');
  c.put('n1', 'k', 'v5', { seen: atFour }).expect('ok');
  c.get('n1', 'k').toBe('v5');
});

test('two clients that read and write in turn, each a step behind, make two siblings and no more', () => {
  const c = cluster(3);
  const seen: Answer[] = [c.get('n1', 'k'), c.get('n2', 'k')];
  for (let round = 0; round < 60; round++) {
    const client = round % 2;
    c.put(client === 0 ? 'n1' : 'n2', 'k', round, { seen: seen[client]! }).expect('ok');
    const read = c.get(client === 0 ? 'n1' : 'n2', 'k');
    seen[client] = read;
    expect(read.read().siblings.length).toBeLessThanOrEqual(1);
  }
});

test('clients that never read are refused at the bound of siblings, and a read resolves it (limits.siblingsMax)', () => {
  const c = cluster(3);
  for (let write = 0; write < limits.siblingsMax; write++)
    c.put('n1', 'k', write, { seen: 'nothing' }).expect('ok');
  c.put('n2', 'k', 'one more', { seen: 'nothing' }).expect('failed', 'too_many_siblings');

  const all = c.get('n3', 'k');
  c.put('n3', 'k', 'resolved', { seen: all }).expect('ok');
  c.expectRead('n1', 'k').toBe('resolved');
});

test('what a client is told after a write never covers a sibling it was not shown', () => {
  const c = cluster(3);
  const mine = c.put('n1', 'k', 'mine', { seen: 'nothing' }).expect('ok');
  c.put('n1', 'k', 'theirs', { seen: 'nothing' }).expect('ok');
  const again = c.put('n1', 'k', 'mine again', { seen: mine }).expect('ok');
  c.put('n1', 'k', 'mine at last', { seen: again }).expect('ok');

  const read = c.get('n2', 'k').read();
  const values = [read.winner, ...read.siblings].map((sibling) =>
    new TextDecoder().decode(sibling?.value ?? undefined),
  );
  expect(values).toContain('"theirs"');
  expect(values).toContain('"mine at last"');
});

test('repair hands writes on and makes none', () => {
  const c = cluster(3);
  c.cut('n3');
  const { dot } = c.put('n1', 'k', 1).written();
  c.heal();
  c.get('n3', 'k', { level: 'all' }).toBe(1);
  c.expectConverged();
  for (const name of c.names) {
    const record = c.node(name).record('k');
    expect(record?.siblings.map((sibling) => formatDot(sibling.dot))).toEqual([dot]);
    expect(record?.clock.map(formatDot)).toEqual([dot]);
  }
});
