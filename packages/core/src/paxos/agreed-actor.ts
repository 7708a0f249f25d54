import type { ActorId } from '../base/ids.ts';

/**
 * Who mints the dots of values that are proposed, as an actor beside the node's own. A version vector entry says that
 * every earlier dot of its actor is carried or superseded. A plain write of this node may be on its disk while a value
 * is proposed that does not know of it: under one actor the later dot would cover the earlier one, and the write would
 * be taken for stored, read and built upon (rule 3) when it is lost.
 */
export function agreedActor(actor: ActorId): ActorId {
  return `${actor}+` as ActorId;
}
