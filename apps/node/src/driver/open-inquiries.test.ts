import type { Finding } from '@starling/core';
import { expect, test } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { OpenInquiries } from './open-inquiries.ts';

const finding: Finding = { kind: 'events', events: [], last: '', done: true, gap: false };

test('each is answered once: with what was found, or with nothing when the machine is lost', () => {
  const inquiries = new OpenInquiries();
  const heard: (Finding | null)[] = [];
  const [first] = [1, 2].map(() => inquiries.add((found) => heard.push(found)));
  inquiries.found(first!, finding);
  inquiries.found(first!, finding);
  inquiries.lose();
  inquiries.lose();
  expect(heard).toEqual([finding, null]);
});

test('over the bound they find nothing, and are taken again when others have been answered (nodeLimits.inquiriesOpenMax)', () => {
  const inquiries = new OpenInquiries();
  const ids = Array.from({ length: nodeLimits.inquiriesOpenMax }, () => inquiries.add(() => undefined));
  let found: Finding | null | undefined;
  const ask = () =>
    inquiries.add((told) => {
      found = told;
    });
  expect([ask(), found]).toEqual([null, null]);
  inquiries.found(ids[0]!, finding);
  expect(ask()).not.toBeNull();
});
