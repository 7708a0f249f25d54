/**
 * The member list and the rules that change it. Everything heard ends here as a `MemberState`: by gossip, by
 * push/pull, or as this node's own finding. The rules are memberlist's (`state.go`) with these differences, argued
 * in docs/decisions/0020: one state shape instead of four messages; a death that nobody here has seen coming is
 * first held as a suspicion, by whatever path it is heard; nobody is ever reaped.
 */
import { assert } from '../base/assert.ts';
import type { NodeId } from '../base/ids.ts';
import type { LocalHealth } from './local-health.ts';
import { isReachable, type Member, type MemberChange } from './member.ts';
import { type Entry, MemberTable } from './member-table.ts';
import { foresees, isNews, isOutdated, mergeStates, type Source, temper } from './merge.ts';
import type { SwimHost, SwimNotice, SwimSettings } from './options.ts';
import { OwnState } from './own-state.ts';
import type { MemberClaim, MemberFacts, MemberState } from './packet.ts';
import type { RumorQueue } from './rumor-queue.ts';
import { confirmationsNeeded, suspicionMinMs } from './scaling.ts';
import type { StallWatch } from './stall-watch.ts';
import { Suspicion, type SuspicionTerms } from './suspicion.ts';

/** Who wants to know what the roster does. */
export interface RosterListener {
  /** Some state is to be spread. */
  onNews(): void;
  onMember(member: Member, change: MemberChange): void;
  onNotice(notice: SwimNotice): void;
  /** The suspect is to be told what is thought of it, and asked for its word. */
  onCall(suspect: MemberState): void;
}

export class Roster {
  readonly own: OwnState;
  readonly table: MemberTable;
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #health: LocalHealth;
  readonly #stalls: StallWatch;
  readonly #rumors: RumorQueue;
  readonly #listener: RosterListener;
  /** Cluster of the first peer that had one, while this node has none of its own. */
  #adoptedCluster = '';

  constructor(
    settings: SwimSettings,
    host: SwimHost,
    health: LocalHealth,
    stalls: StallWatch,
    rumors: RumorQueue,
    listener: RosterListener,
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#health = health;
    this.#stalls = stalls;
    this.#rumors = rumors;
    this.#listener = listener;
    this.own = new OwnState(settings, (notice) => listener.onNotice(notice));
    this.table = new MemberTable(settings.limits.membersMax);
  }

  /** The cluster this node keeps to; empty while it has met none. */
  get cluster(): string {
    return this.own.claim.facts.clusterId || this.#adoptedCluster;
  }

  /** Digest of all that this node believes, itself included. */
  get view(): number {
    return (this.table.digest ^ this.own.digest) >>> 0;
  }

  /** Members that may answer, this node included. */
  get reachableCount(): number {
    return this.table.reachableCount + (this.own.hasLeft ? 0 : 1);
  }

  /** True if `clusterId` is another cluster's. A node without a cluster keeps to the first it meets. */
  isForeign(clusterId: string): boolean {
    return clusterId !== '' && this.cluster !== '' && clusterId !== this.cluster;
  }

  /** Called with the cluster id of each peer that has been let in. */
  adoptCluster(clusterId: string): void {
    if (this.cluster === '') this.#adoptedCluster = clusterId;
  }

  /** The present state of any member, this node included. */
  state(nodeId: NodeId): MemberState | null {
    if (nodeId === this.own.claim.nodeId) return this.own.state;
    return this.table.get(nodeId)?.state ?? null;
  }

  /** Changes what this node tells of itself; members of other clusters are dropped when it joins one. */
  updateFacts(facts: MemberFacts): void {
    if (!this.own.setFacts(facts)) return;
    for (const { state } of this.table.where((entry) => this.isForeign(entry.state.claim.facts.clusterId))) {
      this.#forget(state.claim);
    }
    this.#spread(this.own.claim);
  }

  leave(): void {
    this.own.leave();
    this.#spread(this.own.claim);
  }

  comeBack(): void {
    this.own.comeBack();
    this.#spread(this.own.claim);
  }

  /** Learns a state from others. Answers with what they should know if theirs is an accusation long refuted. */
  hear(incoming: MemberState, source: Source): MemberState | null {
    const known = this.state(incoming.claim.nodeId);
    if (known !== null && isOutdated(incoming, known)) return known;
    this.#learn(incoming, source);
    return null;
  }

  #learn(incoming: MemberState, source: Source): void {
    const claim = incoming.claim;
    if (this.isForeign(claim.facts.clusterId)) return this.#hearForeign(claim);
    if (claim.nodeId === this.own.claim.nodeId) return this.#hearOfOwnId(incoming);
    const known = this.table.get(claim.nodeId);
    if (known === undefined) return this.#admit(incoming);
    if (claim.incarnation - known.state.claim.incarnation > this.#settings.limits.incarnationLeapMax) {
      const { nodeId, incarnation } = claim;
      return this.#listener.onNotice({ type: 'implausibleIncarnation', nodeId, incarnation });
    }
    if (claim.instanceId !== known.state.claim.instanceId) return this.#hearOfRival(known, incoming);
    const tempered = temper(known.state, incoming, source);
    if (foresees(known.state, incoming)) known.suspicion?.ripen();
    this.#update(known, tempered, tempered !== incoming && source === 'gossip');
  }

  /** This node could not reach a member that it knew by `claim`. */
  accuse(claim: MemberClaim): void {
    const known = this.table.get(claim.nodeId);
    if (known === undefined || known.state.claim.instanceId !== claim.instanceId) return;
    this.#update(known, { claim, status: 'suspect', by: this.own.claim.nodeId }, false);
  }

  /** An operator's word that a dead member will not come back. It may, with a higher incarnation. False if not dead. */
  forceLeave(nodeId: NodeId): boolean {
    const known = this.table.get(nodeId);
    if (known === undefined || known.state.status !== 'dead') return false;
    this.#update(known, { ...known.state, status: 'left', by: this.own.claim.nodeId }, false);
    return true;
  }

  /** True if a data directory may not have this node id now, because another one has it or had it until just now. */
  isTaken(nodeId: NodeId, instanceId: string): boolean {
    if (nodeId === this.own.claim.nodeId) return instanceId !== this.own.claim.instanceId;
    const known = this.table.get(nodeId);
    if (known === undefined || known.state.claim.instanceId === instanceId) return false;
    if (known.state.status === 'left') return false;
    const deadForMs = this.#host.timers.now - known.statusAt;
    return known.state.status !== 'dead' || deadForMs < this.#settings.tuning.reclaimAfterMs;
  }

  /** True if `nodeId` is a member, or there is room for it to become one. */
  hasRoomFor(nodeId: NodeId): boolean {
    return (
      !this.table.isFull || this.table.get(nodeId) !== undefined || this.table.mostDispensable() !== null
    );
  }

  /** A data directory speaks for another cluster: if it was a member while it had none, it is no more. */
  partFrom(nodeId: NodeId, instanceId: string): void {
    const claim = this.table.get(nodeId)?.state.claim;
    if (claim?.instanceId === instanceId && claim.facts.clusterId === '') this.#forget(claim);
  }

  stop(): void {
    for (const entry of this.table.entries()) entry.suspicion?.cancel();
  }

  #hearForeign(claim: MemberClaim): void {
    const { nodeId, instanceId, address, facts } = claim;
    this.#listener.onNotice({ type: 'foreignCluster', address, clusterId: facts.clusterId });
    const known = this.table.get(nodeId)?.state;
    if (known === undefined || known.claim.instanceId !== instanceId) return;
    if (isNews(known, { claim, status: 'alive', by: nodeId })) this.#forget(claim);
  }

  #hearOfOwnId(incoming: MemberState): void {
    const { claim, status } = incoming;
    const own = this.own.claim;
    if (claim.instanceId === own.instanceId) {
      if (!this.own.hear(incoming)) return;
      if (status !== 'alive') this.#health.note(1);
      return this.#spread(own);
    }
    if (!isReachable(status)) {
      if (this.own.succeed(claim)) this.#spread(own);
      return;
    }
    this.#idInUse(own, claim);
  }

  #hearOfRival(known: Entry, incoming: MemberState): void {
    if (!isReachable(known.state.status)) {
      if (incoming.claim.incarnation <= known.state.claim.incarnation) return;
      known.suspicion?.cancel();
      this.#set(known, incoming, false);
    } else if (known.state.status === 'alive' && isReachable(incoming.status)) {
      this.#idInUse(known.state.claim, incoming.claim);
    }
  }

  /** A rival that others have let in: word of mouth moves nobody, see `Gate.refused`. */
  #idInUse({ nodeId, address: holder }: MemberClaim, { address }: MemberClaim): void {
    this.#listener.onNotice({ type: 'nodeIdInUse', nodeId, address, holder });
  }

  /** A member enters the list, by what it once said of itself. */
  #admit(incoming: MemberState): void {
    const { nodeId } = incoming.claim;
    if (this.table.isFull && !this.#makeRoom(incoming)) {
      return this.#listener.onNotice({ type: 'membersFull', nodeId });
    }
    this.#set(null, incoming, false);
  }

  /** Only the living push others out; a dead newcomer would push out another dead one, round and round. */
  #makeRoom(incoming: MemberState): boolean {
    const dispensable = isReachable(incoming.status) ? this.table.mostDispensable() : null;
    if (dispensable === null) return false;
    this.#forget(dispensable.state.claim);
    return true;
  }

  #update(known: Entry, incoming: MemberState, ripe: boolean): void {
    const entry = this.#confirm(known, incoming);
    const merged = mergeStates(entry.state, incoming);
    if (merged !== entry.state) this.#set(entry, merged, ripe);
  }

  /** A further accuser of a running suspicion: its word shortens the wait and is passed on, once. */
  #confirm(known: Entry, { claim, status, by }: MemberState): Entry {
    const same = status === 'suspect' && claim.incarnation === known.state.claim.incarnation;
    if (!same || known.suspicion === null || !known.suspicion.confirm(by)) return known;
    this.#spread(claim);
    return this.table.put({ ...known.state, by }, this.#host.timers.now, this.#host.wallMs());
  }

  /** Stores a changed belief and does all that follows from it. `ripe`: see `#terms`. */
  #set(known: Entry | null, state: MemberState, ripe: boolean): void {
    const before = known?.state ?? null;
    const entry = this.table.put(state, this.#host.timers.now, this.#host.wallMs());
    const sameLife = before !== null && before.claim.incarnation === state.claim.incarnation;
    if (!(sameLife && before.status === state.status)) this.#watch(entry, ripe);
    this.#spread(state.claim);
    this.#listener.onMember(entry.member, changeOf(before, state));
  }

  /** Starts or ends the suspicion that goes with the status. */
  #watch(entry: Entry, ripe: boolean): void {
    entry.suspicion?.cancel();
    entry.suspicion = null;
    if (entry.state.status !== 'suspect') return;
    const onCall = () => this.#listener.onCall(entry.state);
    const onEnd = () => this.#expire(entry.nodeId);
    const terms = this.#terms(ripe);
    const { timers } = this.#host;
    entry.suspicion = new Suspicion(timers, this.#stalls, terms, entry.state.by, onCall, onEnd);
  }

  #expire(nodeId: NodeId): void {
    const known = this.table.get(nodeId);
    assert(known !== undefined && known.state.status === 'suspect', 'only a suspect member dies');
    this.#set(known, { ...known.state, status: 'dead', by: this.own.claim.nodeId }, false);
  }

  /** A `ripe` suspicion stands for a death heard of: others have waited already, only the shortest wait is left. */
  #terms(ripe: boolean): SuspicionTerms {
    const { suspicionMultiplier, suspicionMaxMultiplier, probeIntervalMs, promptMembers } =
      this.#settings.tuning;
    const members = this.reachableCount;
    const scaling = members > promptMembers ? members : 1;
    const minMs = suspicionMinMs(scaling, suspicionMultiplier, probeIntervalMs);
    const wanted = ripe ? 0 : confirmationsNeeded(members, suspicionMultiplier);
    return { minMs, maxMs: minMs * suspicionMaxMultiplier, wanted, graceMs: probeIntervalMs };
  }

  #forget({ nodeId }: MemberClaim): void {
    const known = this.table.get(nodeId);
    if (known === undefined) return;
    known.suspicion?.cancel();
    this.table.delete(nodeId);
    this.#rumors.delete(nodeId);
    this.#listener.onMember(known.member, 'forgotten');
  }

  #spread({ nodeId }: MemberClaim): void {
    this.#rumors.push(nodeId);
    this.#listener.onNews();
  }
}

function changeOf(before: MemberState | null, state: MemberState): MemberChange {
  if (before === null || before.claim.instanceId !== state.claim.instanceId) return 'joined';
  return before.status === state.status ? 'claim' : 'status';
}
