/**
 * I34: situations worth testing, each of which must come up in at least 1 % of a long swarm's lifetimes. A harness
 * that no longer reaches them would pass anything.
 */
export const markerNames = [
  'write acknowledged',
  'write outcome unknown',
  'write failed',
  'retry recognised',
  'read found a value',
  'read found nothing',
  'siblings shown',
  'sibling made by a stale context',
  'read wrote back',
  'lagging replica repaired',
  'request forwarded',
  'stale epoch refused',
  'unknown epoch refused',
  'overload refused',
  'hint kept',
  'hint delivered',
  'everything owed',
  'power lost with writes not synced',
  'new actor after an unclean start',
  'same actor after a clean start',
  'node recovering',
  'node recovered',
  'damaged record met',
  'damaged record repaired',
  'store poisoned',
  'disk low',
  'member suspected',
  'member declared dead',
  'member came back',
  'ring changed',
  'node joined',
  'join under faults',
  'record handed over',
  'record dropped by a former owner',
  'crash with requests open',
  'all nodes down at once',
  'digest read',
  'expired value passed over',
  'expired value dropped',
  'keys listed',
  'list of several pages',
  'batch sent',
  'context from another client used',
  'context of another key refused',
  'request explained',
  'condition met',
  'condition not met',
  'ballot outbid',
  'plain write agreed on',
  'request carried until it is chosen',
] as const;

export type MarkerName = (typeof markerNames)[number];

export class Markers {
  readonly reached = new Set<MarkerName>();

  reach(name: MarkerName): void {
    this.reached.add(name);
  }
}
