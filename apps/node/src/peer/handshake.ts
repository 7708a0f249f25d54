/**
 * How two nodes prove to each other that they hold the cluster secret, before a single frame is read.
 *
 * It is the challenge and response of HTTP digest authentication (RFC 7616 §3.3) with HMAC-SHA256, done in the
 * headers of the WebSocket upgrade: the dialer asks, is refused with a challenge, and asks again with a proof over
 * that challenge, a nonce of its own and who both are; the listener's answer carries its proof over the same. Naming
 * both ends keeps a proof from being passed on to a third node. A challenge is a signed date, so the listener keeps
 * nothing for callers that have proven nothing. The ends are authenticated, not the bytes between them.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Address, type NodeId, parseAddress, parseNodeId } from '@starling/core';
import { nodeLimits } from '../limits.ts';
import { sameCode, sign } from './cluster-key.ts';

/** Path of the upgrade request. */
export const peerPath = '/peer';

/** What a node says of itself in a handshake. */
export interface Identity {
  readonly nodeId: NodeId;
  /** Where it is reached. */
  readonly address: Address;
  /** Empty while it knows of no ring. Nodes of different clusters refuse each other. */
  readonly clusterId: string;
}

const names = {
  node: 'starling-node',
  to: 'starling-to',
  address: 'starling-address',
  cluster: 'starling-cluster',
  challenge: 'starling-challenge',
  nonce: 'starling-nonce',
  proof: 'starling-proof',
} as const;

export type Headers = Record<string, string>;

/** Issues challenges and checks that a proof answers a fresh one, once. */
export class Challenges {
  readonly #key = randomBytes(32);
  readonly #used = new Map<string, number>();

  /** A text that this process recognises as its own for `challengeMs`. */
  issue(nowMs: number): string {
    const stamp = `${Math.floor(nowMs)}.${randomBytes(16).toString('hex')}`;
    return `${stamp}.${sign(this.#key, [stamp]).toString('hex')}`;
  }

  /** Whether `challenge` was issued here, is fresh, and was not accepted before; from now on it was. */
  accept(challenge: string, nowMs: number): boolean {
    if (!this.fresh(challenge, nowMs) || this.#used.has(challenge)) return false;
    this.#forget(nowMs);
    if (this.#used.size >= nodeLimits.challengesUsedMax) return false;
    this.#used.set(challenge, nowMs);
    return true;
  }

  /** Whether `challenge` was issued here and can still be answered. */
  fresh(challenge: string, nowMs: number): boolean {
    const [issued = '', random = '', code = ''] = challenge.split('.');
    if (!provenBy(code, sign(this.#key, [`${issued}.${random}`]).toString('hex'))) return false;
    return nowMs - Number(issued) <= nodeLimits.challengeMs;
  }

  #forget(nowMs: number): void {
    for (const [challenge, usedMs] of this.#used) {
      if (nowMs - usedMs <= nodeLimits.challengeMs) return;
      this.#used.delete(challenge);
    }
  }
}

/** Headers of the dialer's first request: none of it is proven yet. */
export function askHeaders(self: Identity): Headers {
  return { [names.node]: self.nodeId, [names.address]: self.address, [names.cluster]: self.clusterId };
}

/** A listener's refusal that asks for proof. */
export interface Challenge {
  readonly text: string;
  /** Who the listener says it is: proven only by its agreement. */
  readonly from: NodeId;
}

/** The challenge in a refusal, or null if the refusal is for another reason. */
export function challengeIn(headers: IncomingHttpHeaders): Challenge | null {
  const text = textOf(headers, names.challenge);
  const from = parseNodeId(textOf(headers, names.node) ?? '');
  return text === null || from === null ? null : { text, from };
}

/** Headers of the listener's refusal that asks for proof. */
export function challengeHeaders(self: Identity, challenge: string): Headers {
  return { [names.node]: self.nodeId, [names.challenge]: challenge };
}

/** Headers of the dialer's second request. `nonce` is fresh randomness of the dialer. */
export function dialerHeaders(key: Uint8Array, self: Identity, challenge: Challenge, nonce: string): Headers {
  const exchange = { to: challenge.from, challenge: challenge.text, nonce };
  return {
    ...askHeaders(self),
    [names.to]: challenge.from,
    [names.challenge]: challenge.text,
    [names.nonce]: nonce,
    [names.proof]: proof(key, 'dialer', self, exchange),
  };
}

/** Whether a request tries to prove something, so that a refusal of it is worth counting. */
export function claimsProof(headers: IncomingHttpHeaders): boolean {
  return headers[names.proof] !== undefined;
}

/** A dialer that has proven that it holds the secret, and what the listener needs to answer it. */
export interface Dialer {
  readonly identity: Identity;
  readonly challenge: string;
  readonly nonce: string;
}

/** Checks a dialer's second request to `self`; null if it proves nothing. Freshness is for the caller to check. */
export function readDialer(key: Uint8Array, self: Identity, headers: IncomingHttpHeaders): Dialer | null {
  const identity = identityIn(headers);
  const challenge = textOf(headers, names.challenge);
  const nonce = textOf(headers, names.nonce);
  const code = textOf(headers, names.proof);
  if (identity === null || challenge === null || nonce === null || code === null) return null;
  const expected = proof(key, 'dialer', identity, { to: self.nodeId, challenge, nonce });
  return provenBy(code, expected) ? { identity, challenge, nonce } : null;
}

/** Headers of the listener's agreement: its own proof, over the dialer's nonce too. */
export function listenerHeaders(key: Uint8Array, self: Identity, dialer: Dialer): Headers {
  const { challenge, nonce, identity } = dialer;
  const code = proof(key, 'listener', self, { to: identity.nodeId, challenge, nonce });
  return { ...askHeaders(self), [names.proof]: code };
}

/** Checks the listener's agreement to what `self` sent; null if it does not hold the secret. */
export function readListener(
  key: Uint8Array,
  self: Identity,
  headers: IncomingHttpHeaders,
  sent: { readonly challenge: Challenge; readonly nonce: string },
): Identity | null {
  const identity = identityIn(headers);
  const code = textOf(headers, names.proof);
  if (identity === null || code === null || identity.nodeId !== sent.challenge.from) return null;
  const exchange = { to: self.nodeId, challenge: sent.challenge.text, nonce: sent.nonce };
  return provenBy(code, proof(key, 'listener', identity, exchange)) ? identity : null;
}

/** Whether two nodes may belong to one cluster: at least one has none yet, or both have the same. */
export function sameCluster(a: Identity, b: Identity): boolean {
  return a.clusterId === '' || b.clusterId === '' || a.clusterId === b.clusterId;
}

interface Exchange {
  readonly to: NodeId;
  readonly challenge: string;
  readonly nonce: string;
}

function proof(key: Uint8Array, role: 'dialer' | 'listener', of: Identity, exchange: Exchange): string {
  const { to, challenge, nonce } = exchange;
  return sign(key, [role, of.nodeId, of.address, of.clusterId, to, challenge, nonce]).toString('hex');
}

/** Compares the texts, not the bytes they stand for: one code must have one form, or a used challenge could return. */
function provenBy(code: string, expected: string): boolean {
  return sameCode(Buffer.from(code), Buffer.from(expected));
}

function identityIn(headers: IncomingHttpHeaders): Identity | null {
  const nodeId = parseNodeId(textOf(headers, names.node) ?? '');
  const address = parseAddress(textOf(headers, names.address) ?? '');
  const clusterId = textOf(headers, names.cluster) ?? '';
  return nodeId === null || address === null ? null : { nodeId, address, clusterId };
}

/** Longest header value looked at: every text of a handshake is shorter. */
const headerCharsMax = 400;

function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value.length <= headerCharsMax ? value : null;
}
