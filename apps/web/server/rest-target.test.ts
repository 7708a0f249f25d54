import { describe, expect, it } from 'vitest';
import { restTarget } from './rest-target.ts';

describe('the target that Next is given', () => {
  it.each([
    ['/', '/'],
    ['/overview?at=%zz', '/overview?at=%zz'],
    ['/_next/%zz', '/_next/%zz'],
    ['/apix/%zz', '/apix/%zz'],
    ['/api/v1/data/user:7?explain=1', '/api/v1/data/user:7?explain=1'],
    ['/api/v1/data/a/b', '/api/v1/data/a/b'],
    ['/api/v1/data/a..b/.c', '/api/v1/data/a..b/.c'],
    ['/gossip//members', '/gossip//members'],
  ])('%s stays', (target, expected) => {
    expect(restTarget(target)).toBe(expected);
  });

  it.each([
    ['/api/v1/data/a//b', '/api/v1/data/a%2F%2Fb'],
    ['/api/v1/data//a?r=2', '/api/v1/data/%2Fa?r=2'],
    ['/api/v1/data/a/', '/api/v1/data/a%2F'],
    ['/api/v1/data/../../etc', '/api/v1/data/..%2F..%2Fetc'],
    ['/api/v1/data/a/./b', '/api/v1/data/a%2F.%2Fb'],
    ['/api/v1/data/a/%2e%2E/b', '/api/v1/data/a%2F%2e%2E%2Fb'],
  ])('%s keeps its key', (target, expected) => {
    expect(restTarget(target)).toBe(expected);
  });

  it.each(['/api/v1/data/%zz', '/api/v1/data/a%', '/api/%ff', '/gossip/%c3', '/healthz/%'])(
    '%s has a broken escape',
    (target) => {
      expect(restTarget(target)).toBeNull();
    },
  );
});
