/**
 * One at a time for each key: rounds of Paxos that this node would run at once for one key could only outbid each other.
 * Who waits is bounded by the requests in flight, each of which waits at most once.
 */
export class KeyTurns {
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Runs `run` when it is this caller's turn, which may be at once. The answer gives the turn up, or the wait for it. */
  take(row: string, run: () => void): () => void {
    const queue = this.#waiting.get(row);
    if (queue === undefined) this.#waiting.set(row, [run]);
    else queue.push(run);
    if (queue === undefined) run();
    return () => this.#leave(row, run);
  }

  #leave(row: string, run: () => void): void {
    const queue = this.#waiting.get(row);
    const at = queue?.indexOf(run) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    if (queue.length === 0) this.#waiting.delete(row);
    else if (at === 0) queue[0]!();
  }
}
