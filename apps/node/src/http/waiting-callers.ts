import type { Socket } from 'node:net';
import { Caller } from '../service/caller.ts';

/**
 * Who waits on which connection. One listener per connection instead of one per request: a kept-alive connection
 * carries thousands. Mostly one caller waits, and an array that stays is lighter than a set that is filled and emptied.
 */
export class WaitingCallers {
  readonly #bySocket = new WeakMap<Socket, Caller[]>();

  /** Someone on this connection begins to wait, until `done` or until the connection closes. */
  begin(socket: Socket): Caller {
    const caller = new Caller();
    if (socket.destroyed) caller.leave();
    else this.#waitingOn(socket).push(caller);
    return caller;
  }

  /** The answer is being written: that the connection closes later means nothing to the request. */
  done(socket: Socket, caller: Caller): void {
    const waiting = this.#bySocket.get(socket);
    const at = waiting?.indexOf(caller) ?? -1;
    if (at >= 0) waiting?.splice(at, 1);
  }

  #waitingOn(socket: Socket): Caller[] {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const waiting: Caller[] = [];
    this.#bySocket.set(socket, waiting);
    socket.once('close', () => {
      for (const caller of waiting.splice(0)) caller.leave();
    });
    return waiting;
  }
}
