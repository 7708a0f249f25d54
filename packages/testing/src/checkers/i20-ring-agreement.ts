import type { NodeId } from '@starling/core/base/ids.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/** Documents already found good, in this worker: most lifetimes start from the same few. */
const goodRings = new Set<string>();
const goodRingsMax = 2000;

/**
 * I20: two nodes with equal ring epochs hold equal rings, and every arc has N different owners, in different zones as
 * far as there are any. Observes every ring any node comes to hold; epochs never go back on one node.
 */
export class RingAgreement implements Checker {
  readonly id = 'I20';
  readonly #context: CheckContext;
  readonly #byEpoch = new Map<string, string>();
  /** By process, of its present life. */
  readonly #newest: (Ring | null)[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted({ index }: SimProcess): void {
    this.#newest[index] = null;
  }

  stepped(process: SimProcess): void {
    const ring = process.machine?.ring() ?? null;
    const known = this.#newest[process.index] ?? null;
    if (ring === null || known === ring) return;
    if (known !== null) {
      this.#context.markers.reach('ring changed');
      ensure(
        this.id,
        ring.epoch > known.epoch,
        () => `${process.nodeId} went from ring epoch ${known.epoch} to ${ring.epoch}`,
      );
    }
    this.#newest[process.index] = ring;
    this.#checkRing(process, ring);
  }

  #checkRing(process: SimProcess, ring: Ring): void {
    const text = canonicalRing(ring.doc);
    const name = `${ring.doc.clusterId} ${ring.epoch}`;
    const first = this.#byEpoch.get(name) ?? text;
    ensure(this.id, first === text, () => `${process.nodeId} holds another ring of epoch ${ring.epoch}`);
    this.#byEpoch.set(name, text);
    if (goodRings.has(text)) return;
    const flaw = findRingFlaw(ring);
    ensure(this.id, flaw === null, () => `ring epoch ${ring.epoch}: ${flaw}`);
    if (goodRings.size < goodRingsMax) goodRings.add(text);
  }
}

const texts = new WeakMap<RingDoc, string>();

/** A document as text; equal texts mean equal ownership. */
export function canonicalRing(doc: RingDoc): string {
  const known = texts.get(doc);
  if (known !== undefined) return known;
  const text = textOf(doc);
  texts.set(doc, text);
  return text;
}

function textOf(doc: RingDoc): string {
  const members = doc.members.map(({ nodeId, status, zone, weight, tokens }) => [
    nodeId,
    status,
    zone,
    weight,
    tokens,
  ]);
  return JSON.stringify([doc.clusterId, doc.epoch, doc.replicas, members, doc.change, doc.operations]);
}

/** Recomputes from the bare document what its preference lists must satisfy; null if they do. */
export function findRingFlaw(ring: Ring): string | null {
  const zoneOf = new Map(ring.doc.members.map((member) => [member.nodeId, member.zone]));
  const owning = ring.doc.members.filter((member) => member.status !== 'joining');
  const replicas = Math.min(ring.doc.replicas, owning.length);
  const zones = new Set(owning.map((member) => member.zone)).size;
  const zonesWanted = Math.min(replicas, zones);
  let flaw: string | null = null;
  ring.eachArc((range, { current }) => {
    const distinct = new Set<NodeId>(current).size;
    const inZones = new Set(current.map((node) => zoneOf.get(node))).size;
    if (distinct !== replicas || current.length !== replicas)
      flaw = `buckets from ${range.from} have ${distinct} owners, not ${replicas}`;
    else if (inZones !== zonesWanted)
      flaw = `buckets from ${range.from} lie in ${inZones} zones, not ${zonesWanted}`;
    else if (!current.every((node) => owning.some((member) => member.nodeId === node)))
      flaw = `buckets from ${range.from} belong to a node that owns nothing`;
  });
  return flaw;
}
