import { expect, test } from 'vitest';
import { cluster } from '../scenario/cluster.ts';
import { years } from '../scenario/story.ts';

test('a clock ten years ahead makes no later write lose', () => {
  const c = cluster(3);
  c.jumpClock('n1', years(10));
  c.put('n1', 'k', 1).expect('ok');
  c.put('n2', 'k', 2).expect('ok');
  c.expectRead('n3', 'k').toBe(2);
  c.put('n1', 'k', 3).expect('ok');
  c.put('n3', 'k', 4).expect('ok');
  c.expectRead('n1', 'k').toBe(4);
  c.expectConverged();
});

test('a clock that goes back ten years makes its own later write not lose', () => {
  const c = cluster(3);
  c.put('n1', 'k', 1).expect('ok');
  c.jumpClock('n1', -years(10));
  c.put('n1', 'k', 2).expect('ok');
  c.expectRead('n2', 'k').toBe(2);
  c.powerCut('n1').restart('n1').untilNormal();
  c.put('n1', 'k', 3).expect('ok');
  c.expectRead('n3', 'k').toBe(3);
  c.expectConverged();
});

test('a delete by a node whose clock is ten years behind deletes', () => {
  const c = cluster(3);
  c.jumpClock('n3', -years(10));
  c.put('n1', 'k', 1).expect('ok');
  c.del('n3', 'k').expect('ok');
  c.expectRead('n2', 'k').toBeNotFound();
});

test('one runaway clock does not drag the clocks of the others along', () => {
  const c = cluster(3);
  c.jumpClock('n1', years(10));
  const far = c.put('n1', 'k', 1).written().hlc;
  const near = c.put('n2', 'other', 1).written().hlc;
  expect(far - near).toBeGreaterThan(1024 * years(9));
});
