import { describe, expect, it } from 'vitest';
import { requestsKept, TabRequests } from './tab-requests.ts';

const request = { operation: 'get', input: { key: 'a' } } as const;
const answer = { kind: 'problem', problem: { code: 'not_found', message: '', requestId: '' } } as const;

describe('the requests of a tab', () => {
  it('are kept newest first, up to their bound', () => {
    const requests = new TabRequests();
    for (let at = 0; at < requestsKept + 5; at++) requests.begin(request, null, at);
    expect(requests.all()).toHaveLength(requestsKept);
    expect(requests.all()[0]?.at).toBe(requestsKept + 4);
  });

  it('get their own answers, in whatever order these come', () => {
    const requests = new TabRequests();
    const first = requests.begin(request, null, 1);
    const second = requests.begin(request, 'node-2', 2);
    requests.end(second, answer, 5);
    expect(requests.all().map((record) => record.tookMs)).toEqual([5, null]);
    requests.end(first, answer, 9);
    expect(requests.all().map((record) => record.tookMs)).toEqual([5, 9]);
  });

  it('forget answered requests on demand, never one under way', () => {
    const requests = new TabRequests();
    const first = requests.begin(request, null, 1);
    requests.begin(request, null, 2);
    requests.end(first, answer, 1);
    requests.clear();
    expect(requests.all().map((record) => record.at)).toEqual([2]);
  });
});
