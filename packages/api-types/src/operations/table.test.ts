import { describe, expect, test } from 'vitest';
import { errorCodes, errorMeaning, errorStatus } from '../errors.ts';
import { openApiDocument } from '../openapi.ts';
import { operationIds, operationOf } from './index.ts';

describe.each(operationIds)('%s', (id) => {
  const operation = operationOf(id);

  test('has examples that fit its own schema', () => {
    for (const example of operation.examples) {
      expect(operation.input.safeParse(example.input).error).toBeUndefined();
    }
  });

  test('tells only errors it can give', () => {
    for (const { error } of operation.examples) {
      if (error !== undefined) expect(operation.errors).toContain(error);
    }
  });

  test('is named group.verb, and a write is never a GET', () => {
    expect(id).toMatch(/^[a-z]+\.[a-z]+$/);
    if (operation.kind === 'mutation') expect(operation.rest.method).not.toBe('GET');
  });
});

test('no two operations share a route', () => {
  const routes = operationIds.map((id) => `${operationOf(id).rest.method} ${operationOf(id).rest.path}`);
  expect(new Set(routes).size).toBe(routes.length);
});

test('every error code has a status and a meaning', () => {
  for (const code of errorCodes) {
    expect(errorStatus[code]).toBeGreaterThanOrEqual(400);
    expect(errorMeaning[code].length).toBeGreaterThan(10);
  }
});

describe('the OpenAPI document', () => {
  const document = openApiDocument();
  const text = JSON.stringify(document);

  test('has every operation once', () => {
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
    expect(ids.sort()).toEqual([...operationIds].sort());
  });

  test('has no reference that leads nowhere', () => {
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(Object.keys(schemas)).toContain(ref.replace('#/components/schemas/', ''));
  });

  test('asks for the cluster secret exactly where messages between nodes come in', () => {
    const secured = operationIds.filter((id) => operationOf(id).rest.wire === 'bytes');
    expect(secured).toEqual(['internal.replicate', 'gossip.receive']);
    expect([...text.matchAll(/"security":\[\{"clusterSecret"/g)]).toHaveLength(secured.length);
  });
});
