import type { NodeId, RingEpoch } from '../base/ids.ts';

/** Things worth showing an operator, as they happen. */
export type NodeEvent =
  | {
      readonly type: 'member';
      readonly nodeId: NodeId;
      readonly status: 'alive' | 'suspect' | 'dead' | 'left';
    }
  | { readonly type: 'ring'; readonly epoch: RingEpoch; readonly reason: string }
  | {
      readonly type: 'transfer';
      readonly from: NodeId;
      readonly to: NodeId;
      readonly bucketsDone: number;
      readonly bucketsTotal: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'hint';
      readonly target: NodeId;
      readonly pending: number;
      readonly change: 'kept' | 'delivered';
    }
  | {
      /** Of this node's copy: each replica of the key tells for itself, when it hears of it. */
      readonly type: 'conflict';
      readonly key: string;
      readonly change: 'found' | 'settled';
    }
  | { readonly type: 'repair'; readonly key: string; readonly replica: NodeId }
  | {
      readonly type: 'state';
      readonly state: 'booting' | 'joining' | 'normal' | 'recovering' | 'leaving' | 'left' | 'stopping';
      readonly reason: string;
    }
  | { readonly type: 'corrupt'; readonly row: string }
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

/** Events that the log keeps: what bears on who is there, who owns what, and what became of the data. */
export type KeptEvent = Extract<
  NodeEvent,
  { readonly type: 'member' | 'ring' | 'state' | 'conflict' | 'repair' | 'corrupt' | 'warning' }
>;
