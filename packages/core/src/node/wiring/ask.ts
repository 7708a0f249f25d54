/** One question to a peer, and its end. */
import type { NodeId } from '../../base/ids.ts';
import type { PeerMessage } from '../messages.ts';
import type { Parts } from '../parts.ts';

/**
 * Asks a peer once. `answered` runs exactly once: with the reply, or with null when none can come or none has come
 * within `withinMs`. The call is closed then, so that answers which are lost do not pile up as open calls.
 */
export function ask(
  { timers, calls }: Pick<Parts, 'timers' | 'calls'>,
  target: NodeId,
  build: (rpc: number) => PeerMessage,
  withinMs: number,
  answered: (reply: PeerMessage | null) => void,
): void {
  const silence = timers.after(withinMs, () => {
    calls.close(rpc);
    answered(null);
  });
  const rpc = calls.call(target, build, (reply) => {
    silence.cancel();
    answered(reply);
  });
}
