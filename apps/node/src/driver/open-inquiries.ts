import type { Finding } from '@starling/core';
import { InFlight } from '@starling/core/base/in-flight.ts';
import { nodeLimits } from '../limits.ts';

/** Inquiries that the machine has and has not answered. */
export class OpenInquiries {
  #nextId = 1;
  readonly #open = new InFlight<(finding: Finding | null) => void>();

  /** Notes an inquiry and answers its number; `resolve` is called once. Null, and at once, if too many are open. */
  add(resolve: (finding: Finding | null) => void): number | null {
    if (this.#open.size >= nodeLimits.inquiriesOpenMax) {
      resolve(null);
      return null;
    }
    const id = this.#nextId++;
    this.#open.add(id, resolve);
    return id;
  }

  found(id: number, finding: Finding): void {
    this.#open.take(id)?.(finding);
  }

  /** The machine was lost with whatever it was looking for. */
  lose(): void {
    for (const [id] of this.#open.entries()) this.#open.take(id)?.(null);
  }
}
