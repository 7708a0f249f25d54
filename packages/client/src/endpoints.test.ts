import { describe, expect, test } from 'vitest';
import { Endpoints } from './endpoints.ts';

const urls = ['http://a', 'http://b', 'http://c'];

describe('the order of endpoints', () => {
  test('goes round while all answer', () => {
    const endpoints = new Endpoints(urls, 1);
    expect([0, 0, 0, 0].map(() => endpoints.inOrder(0)[0])).toEqual([
      'http://b',
      'http://c',
      'http://a',
      'http://b',
    ]);
  });

  test('puts one that failed last, and first again once it has rested', () => {
    const endpoints = new Endpoints(urls, 0);
    endpoints.failed('http://a', 0);
    expect(endpoints.inOrder(0)).toEqual(['http://b', 'http://c', 'http://a']);
    const later = [1, 2, 3].map(() => endpoints.inOrder(250)[0]);
    expect(later).toContain('http://a');
  });

  test('rests longer after each failure, up to five seconds, and not at all after an answer', () => {
    const endpoints = new Endpoints(urls, 0);
    for (let i = 0; i < 20; i++) endpoints.failed('http://a', 0);
    expect(endpoints.inOrder(4999).at(-1)).toBe('http://a');
    endpoints.answered('http://a');
    expect([1, 2, 3].map(() => endpoints.inOrder(1)[0])).toContain('http://a');
  });

  test('still has everyone when all have failed, the one that rests shortest first', () => {
    const endpoints = new Endpoints(urls, 0);
    endpoints.failed('http://c', 0);
    endpoints.failed('http://a', 10);
    endpoints.failed('http://b', 20);
    expect(endpoints.inOrder(30)).toEqual(['http://c', 'http://a', 'http://b']);
  });
});
