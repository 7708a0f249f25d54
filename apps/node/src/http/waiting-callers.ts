import type { Socket } from 'node:net';
import { Caller } from '../service/caller.ts';

/**
 * Who waits on which connection. One listener per connection instead of one per request: a kept-alive connection
 * carries thousands.
 */
export class WaitingCallers {
  readonly #bySocket = new WeakMap<Socket, Set<Caller>>();

  /** Someone on this connection begins to wait, until `done` or until the connection closes. */
  begin(socket: Socket): Caller {
    const caller = new Caller();
    if (socket.destroyed) caller.leave();
    else this.#waitingOn(socket).add(caller);
    return caller;
  }

  /** The answer is being written: that the connection closes later means nothing to the request. */
  done(socket: Socket, caller: Caller): void {
    this.#bySocket.get(socket)?.delete(caller);
  }

  #waitingOn(socket: Socket): Set<Caller> {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const waiting = new Set<Caller>();
    this.#bySocket.set(socket, waiting);
    socket.once('close', () => {
      for (const caller of waiting) caller.leave();
      waiting.clear();
    });
    return waiting;
  }
}
