import { compareUtf8 } from '@starling/core/base/utf8.ts';
import type { ListEntry, WriteEntry } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I36: a page of keys is in order, within what was asked for, names only keys that were written, and names each key
 * that was acknowledged at quorum before it was asked for, unless somebody was deleting it or its value
 * has an end. Observes what the clients
 * asked and were told.
 */
export class Listings implements Checker {
  readonly id = 'I36';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  answeredList(page: ListEntry): void {
    this.#checkShape(page);
    const listed = new Set(page.keys);
    const written = new Set<string>();
    const owed = new Set<string>();
    const deleted = new Set<string>();
    for (const write of this.#context.ledger.writes) {
      // The end of a value takes its key off the pages as a delete does, and as unseen.
      if (write.kind === 'delete' || write.expires) deleted.add(write.key);
      if (write.kind === 'put') {
        written.add(write.key);
        if (isCertain(write) && write.returnedAt < page.calledAt) owed.add(write.key);
      }
    }
    for (const key of listed)
      ensure(this.id, written.has(key), () => `${describe(page)} names ${key}, which nobody wrote`);
    // Which keys are in conflict is not the clients' to know.
    if (page.contested) return;
    for (const key of owed) {
      if (deleted.has(key) || listed.has(key) || !isWithin(page, key)) continue;
      ensure(this.id, false, () => `${describe(page)} leaves out ${key}`);
    }
  }

  #checkShape(page: ListEntry): void {
    const { keys, prefix, after, limit, next } = page;
    const inOrder = keys.every((key, at) => compareUtf8(at === 0 ? after : keys[at - 1]!, key) < 0);
    const fits = keys.length <= limit && keys.every((key) => key.startsWith(prefix));
    const goesOn = next === null || next === keys.at(-1);
    ensure(
      this.id,
      inOrder && fits && goesOn,
      () => `${describe(page)} is ${keys.join(', ')}, and goes on after ${next}`,
    );
  }
}

/** Acknowledged by more than half of the replicas. */
function isCertain({ level, dot }: WriteEntry): boolean {
  return dot !== null && (level === 'quorum' || level === 'all');
}

/** Whether the page speaks of the key: it ends at `next`, or nowhere. */
function isWithin({ prefix, after, next }: ListEntry, key: string): boolean {
  if (!key.startsWith(prefix) || compareUtf8(key, after) <= 0) return false;
  return next === null || compareUtf8(key, next) <= 0;
}

function describe({ prefix, after, limit }: ListEntry): string {
  return `the page of ${limit} keys under "${prefix}" after "${after}"`;
}
