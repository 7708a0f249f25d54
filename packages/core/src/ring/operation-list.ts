import { unreachable } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { planAbort } from './plan.ts';
import { planOperation } from './plan-operation.ts';
import type { RingDoc } from './ring-doc.ts';
import {
  isOpen,
  type RingAim,
  type RingCommand,
  type RingOperation,
  type RingOperationState,
  type RingRefusal,
  remembered,
} from './ring-operation.ts';

/**
 * The operations that a ring lists: what a command makes of them. They are part of the ring, and so agreed on, durable and
 * known to every node: whoever dies, the others go on with what was asked for.
 */

/** Operations that may wait or be in progress at one time: the rest of the list remembers what has ended. */
const openOperationsMax = limits.ringOperationsMax / 2;

/** The ring that grants a command; or the operation, where the ring has granted it already; or why it cannot. */
export type Ruling =
  | { readonly type: 'next'; readonly doc: RingDoc }
  | { readonly type: 'granted'; readonly operation: RingOperation }
  | { readonly type: 'refused'; readonly refusal: RingRefusal };

export function ruleOn(doc: RingDoc, command: RingCommand): Ruling {
  const operation = doc.operations.find(({ id }) => id === command.id);
  if (command.kind === 'begin')
    return operation === undefined ? beginning(doc, command) : { type: 'granted', operation };
  if (operation === undefined) return refused('unknownOperation');
  switch (command.kind) {
    case 'pause':
      return turning(doc, operation, 'running', 'paused');
    case 'resume':
      return turning(doc, operation, 'paused', 'running');
    case 'abort':
      return aborting(doc, operation);
    default:
      return unreachable(command);
  }
}

/** The next ring, in which the first operation that waits has begun or been refused; null if none waits or one runs. */
export function planNext(doc: RingDoc): RingDoc | null {
  const waiting = doc.operations.find(({ state }) => state === 'queued');
  if (waiting === undefined || doc.change !== null) return null;
  const next = planOperation(doc, waiting);
  return typeof next === 'string' ? withState(doc, waiting, 'refused', next) : next;
}

function beginning(doc: RingDoc, command: Extract<RingCommand, { kind: 'begin' }>): Ruling {
  const { id, aim, plan, force } = command;
  const open = doc.operations.filter(isOpen);
  if (open.some((other) => sameAim(other.aim, aim))) return refused('alreadyAsked');
  if (open.length >= openOperationsMax) return refused('queueFull');
  const operation: RingOperation = {
    id,
    aim,
    plan,
    force,
    state: 'queued',
    since: doc.epoch + 1,
    reason: '',
  };
  const operations = remembered(doc.operations);
  if (open.length > 0)
    return { type: 'next', doc: { ...doc, epoch: doc.epoch + 1, operations: [...operations, operation] } };
  const next = planOperation({ ...doc, operations }, operation);
  return typeof next === 'string' ? refused(next) : { type: 'next', doc: next };
}

function turning(
  doc: RingDoc,
  operation: RingOperation,
  from: RingOperationState,
  to: RingOperationState,
): Ruling {
  if (operation.state === to) return { type: 'granted', operation };
  if (operation.state === from) return { type: 'next', doc: withState(doc, operation, to) };
  return refused(isOpen(operation) ? 'notStarted' : 'ended');
}

function aborting(doc: RingDoc, operation: RingOperation): Ruling {
  if (operation.state === 'aborted') return { type: 'granted', operation };
  if (operation.state === 'queued') return { type: 'next', doc: withState(doc, operation, 'aborted') };
  const next = isOpen(operation) ? planAbort(doc) : null;
  return next === null ? refused('ended') : { type: 'next', doc: next };
}

function withState(doc: RingDoc, operation: RingOperation, state: RingOperationState, reason = ''): RingDoc {
  const epoch = doc.epoch + 1;
  const changed = { ...operation, state, since: epoch, reason };
  return {
    ...doc,
    epoch,
    operations: doc.operations.map((other) => (other === operation ? changed : other)),
  };
}

function refused(refusal: RingRefusal): Ruling {
  return { type: 'refused', refusal };
}

function sameAim(a: RingAim, b: RingAim): boolean {
  if (a.kind === 'replicas' || b.kind === 'replicas')
    return a.kind === b.kind && 'replicas' in a && 'replicas' in b && a.replicas === b.replicas;
  return a.kind === b.kind && a.nodeId === b.nodeId;
}
