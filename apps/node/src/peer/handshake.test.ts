import { type Address, parseAddress, parseNodeId } from '@starling/core';
import { describe, expect, it } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { clusterKeys } from './cluster-key.ts';
import {
  Challenges,
  challengeHeaders,
  challengeIn,
  dialerHeaders,
  type Identity,
  listenerHeaders,
  readDialer,
  readListener,
  sameCluster,
} from './handshake.ts';

const key = clusterKeys(Buffer.from('the secret of the cluster')).handshake;
const otherKey = clusterKeys(Buffer.from('some other secret')).handshake;

function identity(name: string, clusterId = 'c1'): Identity {
  return { nodeId: parseNodeId(name)!, address: parseAddress('127.0.0.1:8081') as Address, clusterId };
}

const a = identity('node-a');
const b = identity('node-b');
const challenge = { text: 'challenge', from: b.nodeId };

describe('handshake', () => {
  it('lets both ends prove that they hold the secret, and tells each who the other is', () => {
    const dialer = readDialer(key, b, dialerHeaders(key, a, challenge, 'nonce'));
    expect(dialer).toMatchObject({ identity: a, challenge: 'challenge', nonce: 'nonce' });
    const agreement = listenerHeaders(key, b, dialer!);
    expect(readListener(key, a, agreement, { challenge, nonce: 'nonce' })).toEqual(b);
  });

  it('carries the challenge and the name of who asks in the refusal', () => {
    expect(challengeIn(challengeHeaders(b, 'challenge'))).toEqual(challenge);
    expect(challengeIn({})).toBeNull();
  });

  it('refuses a dialer and a listener with another secret', () => {
    expect(readDialer(key, b, dialerHeaders(otherKey, a, challenge, 'nonce'))).toBeNull();
    const dialer = readDialer(key, b, dialerHeaders(key, a, challenge, 'nonce'))!;
    const agreement = listenerHeaders(otherKey, b, dialer);
    expect(readListener(key, a, agreement, { challenge, nonce: 'nonce' })).toBeNull();
  });

  it.each([
    'starling-node',
    'starling-address',
    'starling-cluster',
    'starling-challenge',
    'starling-nonce',
    'starling-proof',
  ])('refuses a proof when %s was changed or left out', (name) => {
    const headers = dialerHeaders(key, a, challenge, 'nonce');
    expect(readDialer(key, b, { ...headers, [name]: 'node-x:1' })).toBeNull();
    const { [name]: _, ...rest } = headers;
    expect(readDialer(key, b, rest)).toBeNull();
  });

  it('refuses a proof that was made for another node, and an agreement made for another dialer', () => {
    const c = identity('node-c');
    expect(readDialer(key, c, dialerHeaders(key, a, challenge, 'nonce'))).toBeNull();
    const dialer = readDialer(key, b, dialerHeaders(key, a, challenge, 'nonce'))!;
    expect(readListener(key, c, listenerHeaders(key, b, dialer), { challenge, nonce: 'nonce' })).toBeNull();
  });

  it('refuses an agreement over another nonce, and one by a node that did not ask', () => {
    const dialer = readDialer(key, b, dialerHeaders(key, a, challenge, 'nonce'))!;
    const agreement = listenerHeaders(key, b, dialer);
    expect(readListener(key, a, agreement, { challenge, nonce: 'other' })).toBeNull();
    const elsewhere = { text: 'challenge', from: identity('node-c').nodeId };
    expect(readListener(key, a, agreement, { challenge: elsewhere, nonce: 'nonce' })).toBeNull();
  });

  it('does not take a dialer’s proof for a listener’s', () => {
    const reflected = dialerHeaders(key, b, { text: 'challenge', from: a.nodeId }, 'nonce');
    expect(readListener(key, a, reflected, { challenge, nonce: 'nonce' })).toBeNull();
  });

  it('lets a node without a ring into any cluster, but keeps clusters apart', () => {
    expect(sameCluster(identity('x', ''), identity('y', 'c1'))).toBe(true);
    expect(sameCluster(identity('x', 'c1'), identity('y', 'c1'))).toBe(true);
    expect(sameCluster(identity('x', 'c2'), identity('y', 'c1'))).toBe(false);
  });
});

describe('challenges', () => {
  it('accepts an answer once', () => {
    const challenges = new Challenges();
    const text = challenges.issue(1000);
    expect(challenges.accept(text, 1500)).toBe(true);
    expect(challenges.accept(text, 1500)).toBe(false);
  });

  it('accepts an answer up to the bound on its age and none after (nodeLimits.challengeMs)', () => {
    const challenges = new Challenges();
    const [first, second] = [challenges.issue(0), challenges.issue(0)];
    expect(challenges.accept(first, nodeLimits.challengeMs)).toBe(true);
    expect(challenges.accept(second, nodeLimits.challengeMs + 1)).toBe(false);
  });

  it('accepts only its own', () => {
    const text = new Challenges().issue(0);
    const challenges = new Challenges();
    for (const forged of [text, '', '0', '0.00.00', `${challenges.issue(0)}0`]) {
      expect(challenges.accept(forged, 0)).toBe(false);
    }
  });

  it('remembers as many used ones as its bound, and makes room as they age (nodeLimits.challengesUsedMax)', () => {
    const challenges = new Challenges();
    for (let i = 0; i < nodeLimits.challengesUsedMax; i++) challenges.accept(challenges.issue(0), 0);
    expect(challenges.accept(challenges.issue(0), 0)).toBe(false);
    const later = nodeLimits.challengeMs + 1;
    expect(challenges.accept(challenges.issue(later), later)).toBe(true);
  });
});
