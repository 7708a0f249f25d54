import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { seconds } from '../scenario/story.ts';

test('a write on condition replaces what it expects, and is told what is there if that is something else', () => {
  const c = cluster(3);
  const first = c.put('n1', 'k', 1, { if: 'absent' });
  first.written();
  expect(c.put('n2', 'k', 2, { if: 'absent' }).unmet().winner?.value).not.toBeNull();
  const second = c.put('n3', 'k', 3, { if: first });
  second.written();
  const found = c.put('n2', 'k', 4, { if: first });
  expect(found.unmet().etag).toBe(second.etag);
  // What a refusal tells is enough to try again.
  c.put('n2', 'k', 5, { if: found }).written();
  c.del('n1', 'k', { if: second }).unmet();
  c.del('n1', 'k', { if: 'exists' }).written();
  c.put('n3', 'k', 6, { if: 'exists' }).unmet();
  c.put('n3', 'k', 7, { if: 'absent' }).written();
  c.expectRead('n1', 'k').toBe(7);
  c.expectConverged();
});

test('two that would replace the same value at once do not both do it', () => {
  const c = cluster(3);
  const seen = c.put('n1', 'k', 0);
  seen.written();
  const tries = ['n1', 'n2', 'n3'].map((node, i) => c.put(node, 'k', i + 1, { if: seen }));
  const endings = tries.map((answer) => {
    answer.expect('ok');
    return answer.isWritten;
  });
  expect(endings.filter(Boolean)).toHaveLength(1);
  c.expectRead('n2', 'k').toBe(1 + endings.indexOf(true));
});

test('plain writes of a key that is agreed on are seen by conditional ones, and see them', () => {
  const c = cluster(3);
  const first = c.put('n1', 'k', 1);
  first.written();
  c.put('n2', 'k', 2, { if: first }).written();
  const plain = c.put('n3', 'k', 3);
  plain.written();
  c.put('n1', 'k', 4, { if: first }).unmet();
  c.put('n1', 'k', 4, { if: plain }).written();
  c.del('n2', 'k').written();
  c.put('n3', 'k', 5, { if: 'absent' }).written();
  c.expectRead('n1', 'k', { level: 'one' }).toBe(5);
  c.expectConverged();
});

test('a plain write that meets a promise half way takes effect after the value that was agreed on', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1');
  const plain = c.put('n1', 'k', 'plain');
  c.until('n1 has written it', () => c.node('n1').record('k') !== null);
  // The others agree on the key without n1, whose write is on its way to them.
  const own = c.hold('prepareReply', 'n1');
  c.put('n2', 'k', 'agreed', { if: 'absent' }).written();
  own.drop();
  stores.release();
  plain.written();
  c.expectRead('n3', 'k').toBe('plain');
  c.expectConverged();
});

test('a refused plain write that was built upon does not take effect again', () => {
  const c = cluster(3);
  const stores = c.hold('store', 'n1');
  const plain = c.put('n1', 'k', 'plain');
  c.until('n1 has written it', () => c.node('n1').record('k') !== null);
  // The first round takes in what n1 holds, and the next value is made from it.
  const third = c.hold('prepareReply', 'n3');
  const shown = c.put('n2', 'k', 'other', { if: 'absent' });
  expect(shown.unmet().winner).not.toBeNull();
  c.put('n2', 'k', 'newer', { if: shown }).written();
  third.drop();
  stores.release();
  plain.expectOneOf('ok', 'unknown');
  c.expectRead('n3', 'k').toBe('newer');
  c.expectConverged();
});

test('a value that its coordinator could not get chosen is settled one way, and stays so', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1, { if: 'absent' }).written();
  const accepts = c.hold('accept', 'n1');
  c.put('n1', 'k', 2, { if: 'exists', deadlineMs: 500 }).expect('unknown');
  accepts.drop();
  c.node('n1').expectHolds('k', 2);
  c.node('n2').expectHolds('k', 1);
  const shown = c.get('n3', 'k').read().winner?.dot;
  c.kill('n1');
  expect(c.get('n2', 'k').read().winner?.dot).toBe(shown);
  c.restart('n1');
  expect(c.get('n1', 'k').read().winner?.dot).toBe(shown);
  c.expectConverged();
});

test('what was agreed on survives a power cut of every node', () => {
  const c = cluster(3);
  const first = c.put('n1', 'k', 1, { if: 'absent' });
  first.written();
  const second = c.put('n2', 'k', 2, { if: first });
  second.written();
  c.powerCut('n1', 'n2', 'n3').restart('n1', 'n2', 'n3');
  c.untilNormal();
  c.put('n3', 'k', 3, { if: first }).unmet();
  c.put('n3', 'k', 3, { if: second }).written();
  c.expectRead('n1', 'k').toBe(3);
});

test('a retried conditional write is applied once, also when others have written since', () => {
  const c = cluster(3);
  const seen = c.put('n1', 'k', 0);
  seen.written();
  const first = c.put('n1', 'k', 1, { if: seen, requestId: 'r1' }).written();
  const again = c.put('n2', 'k', 1, { if: seen, requestId: 'r1' }).written();
  expect(again).toMatchObject({ repeated: true, dot: first.dot });
  const others = c.put('n3', 'k', 2);
  others.written();
  const late = c.put('n2', 'k', 1, { if: seen, requestId: 'r1' });
  expect(late.written().repeated).toBe(true);
  // The tag it is given is not that of the value that has come after it.
  c.put('n2', 'k', 3, { if: late }).unmet();
  c.expectRead('n1', 'k').toBe(2);
});

test('a retry learns that its first attempt was not applied, and that one never is after', () => {
  const c = cluster(3);
  const seen = c.put('n1', 'k', 0);
  seen.written();
  const accepts = c.hold('accept', 'n1');
  c.put('n1', 'k', 1, { if: seen, requestId: 'r1', deadlineMs: 500 }).expect('unknown');
  accepts.drop();
  c.cut('n1');
  c.put('n2', 'k', 2, { if: seen }).written();
  c.put('n3', 'k', 1, { if: seen, requestId: 'r1' }).unmet();
  c.heal();
  c.expectRead('n1', 'k').toBe(2);
  c.run(seconds(30));
  c.expectRead('n1', 'k').toBe(2);
  c.expectConverged();
});

test('a node that joins takes over what was promised and accepted', () => {
  const c = cluster(3, { replicas: 3 });
  const seen = c.put('n1', 'k', 1, { if: 'absent' });
  seen.written();
  c.join();
  c.untilNormal();
  for (const node of ['n1', 'n2', 'n3', 'n4']) c.put(node, 'k', 9, { if: 'absent' }).unmet();
  c.put('n4', 'k', 2, { if: seen }).written();
  c.expectConverged();
});

test('a node whose disk was lost promises nothing before it has learnt what was promised', () => {
  const c = cluster(3);
  const seen = c.put('n1', 'k', 1, { if: 'absent' });
  seen.written();
  c.kill('n3').loseStore('n3').restart('n3');
  c.untilNormal();
  c.put('n2', 'k', 2, { if: seen }).written();
  c.put('n3', 'k', 3, { if: seen }).unmet();
  c.expectRead('n3', 'k').toBe(2);
  c.expectConverged();
});

test('a replica that was away gets what was agreed on, with nobody reading', () => {
  const c = cluster(3);
  const first = c.put('n1', 'k', 1);
  first.written();
  c.cut('n3');
  const second = c.put('n1', 'k', 2, { if: first });
  second.written();
  c.put('n2', 'k', 3, { if: second }).written();
  c.heal();
  c.expectConverged();
  c.node('n3').expectHolds('k', 3);
});

test('a write of level one that nobody else has is not forgotten when the key is agreed on', () => {
  const c = cluster(3);
  c.cut('n3');
  c.put('n3', 'k', 'weak', { level: 'one', seen: 'nothing' }).expect('ok');
  c.put('n1', 'k', 'agreed', { if: 'absent' }).written();
  c.heal();
  c.until('n1 has heard of it', () => (c.node('n1').record('k')?.siblings.length ?? 0) === 2);
  c.get('n2', 'k').toShow('agreed', 'weak');
  c.expectConverged();
});

test('a context that does not cover what is there fails a condition that holds', () => {
  const c = cluster(3);
  const old = c.put('n1', 'k', 1);
  old.written();
  const now = c.put('n2', 'k', 2);
  now.written();
  c.put('n3', 'k', 3, { if: now, seen: old }).unmet();
  c.put('n3', 'k', 3, { if: now, seen: now }).written();
});

test('a write that was reported as failed is not agreed on when a late refusal names a promise', () => {
  const c = cluster(5, { replicas: 5 });
  // The key is agreed on by three replicas; n1 and n2 have heard nothing of it.
  c.hold('tree');
  const kept = ['n1', 'n2'].flatMap((node) => [c.hold('prepare', null, node), c.hold('accept', null, node)]);
  const settled = ['n1', 'n2'].map((node) => c.hold('store', null, node));
  c.put('n5', 'k', 'agreed', { if: 'absent' }).written();
  const questions = ['n2', 'n3', 'n4'].map((node) => c.hold('clock', 'n1', node));
  const late = c.hold('clockReply', 'n5', 'n1');
  const plain = c.put('n1', 'k', 'plain');
  c.until('n5 has refused', () => late.count > 0);
  // Some are asked only once others have refused, so they are cut off one after the other.
  for (const node of ['n2', 'n3', 'n4', 'n2', 'n3', 'n4']) c.resetConnection('n1', node).run(10);
  expect(plain.isThere).toBe(true);
  plain.expect('failed');
  for (const held of [...questions, ...kept, ...settled]) held.drop();
  late.release();
  c.run(3000);
  c.expectRead('n2', 'k').toBe('agreed');
});
