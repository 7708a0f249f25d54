import { absent, type Operation } from './history.ts';

/** A sequential object as the checker needs it: states are small integers of 0 or more. */
export interface SequentialModel {
  readonly initial: number;
  /** The state after `operation`, or −1 when the object could not have answered so in `state`. */
  apply(state: number, operation: Operation): number;
  /** True when the operation never changes the state: the checker then places it as early as it can. */
  observes(operation: Operation): boolean;
}

/** One key: put and delete overwrite, a conditional one only the value it expects; get answers the value, or `absent`. */
export const registerModel: SequentialModel = {
  initial: absent,
  apply(state, operation) {
    if (operation.expected !== undefined && operation.expected !== state) return -1;
    if (operation.kind === 'get') return operation.value === state ? state : -1;
    return operation.kind === 'delete' ? absent : operation.value;
  },
  observes(operation) {
    return operation.kind === 'get';
  },
};
