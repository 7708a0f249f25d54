import { describe, expect, test } from 'vitest';
import { operationIds, operationOf } from '../operations/index.ts';
import { allowedMethods, findRoute, pathField } from './route.ts';

test.each(operationIds)('%s is found at its own path', (id) => {
  const { method, path } = operationOf(id).rest;
  const isKeyed = pathField(path) !== null;
  expect(findRoute(method, path.replace(/\{.*\}/, 'k%2F1'))).toEqual({
    kind: 'found',
    id,
    rest: isKeyed ? 'k%2F1' : null,
  });
});

describe('a path', () => {
  test('with another method tells which it has', () => {
    expect(findRoute('PATCH', '/api/v1/data/k')).toEqual({
      kind: 'wrongMethod',
      allow: 'DELETE, GET, HEAD, OPTIONS, PUT',
    });
    expect(findRoute('DELETE', '/api/v1/status')).toEqual({
      kind: 'wrongMethod',
      allow: 'GET, HEAD, OPTIONS',
    });
    expect(findRoute('put', '/api/v1/data/k').kind).toBe('wrongMethod');
    expect(allowedMethods('/api/v1/batch/get')).toBe('OPTIONS, POST');
  });

  test('answers HEAD wherever it answers GET', () => {
    expect(findRoute('HEAD', '/api/v1/data/k')).toEqual({ kind: 'found', id: 'data.get', rest: 'k' });
    expect(findRoute('HEAD', '/api/v1/batch/get').kind).toBe('wrongMethod');
  });

  test.each([
    '/',
    '/api',
    '/api/v1',
    '/api/v1/dat',
    '/api/v1/status/',
    '/API/v1/status',
    '//api/v1/status',
    '*',
  ])('%s leads nowhere', (path) => {
    expect(findRoute('GET', path)).toEqual({ kind: 'nothing' });
    expect(allowedMethods(path)).toBeNull();
  });

  test('with an empty key is still the path of keys, so that the key is what is refused', () => {
    expect(findRoute('GET', '/api/v1/data/')).toEqual({ kind: 'found', id: 'data.get', rest: '' });
  });
});
