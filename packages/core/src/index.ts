/** The database as a machine: what a driver needs. Single ideas are imported from their own files. */
export { type Address, type NodeId, parseAddress, parseNodeId } from './base/ids.ts';
export type { Random } from './base/random.ts';
export type { Effect, RowWrite } from './node/effect.ts';
export type { NodeEvent } from './node/event.ts';
export type { Input, Now, ReadRow } from './node/input.ts';
export type { PeerMessage } from './node/messages.ts';
export { StarlingNode } from './node/node.ts';
export { type BootImage, defaultTuning, type NodeOptions, type Tuning } from './node/options.ts';
export type { NodeState, TransferProgress } from './node/ownership.ts';
export type { NodeCounts, NodeStats, StatsReport } from './node/view.ts';
