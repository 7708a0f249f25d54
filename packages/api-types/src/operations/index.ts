import type { z } from 'zod';
import type { ApiErrorCode } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { batchOperations } from './batch.ts';
import { causalityOperations } from './causality.ts';
import { clusterOperations } from './cluster.ts';
import { dataOperations } from './data.ts';
import { merkleOperations } from './merkle.ts';
import { serviceOperations } from './service.ts';
import { topologyOperations } from './topology.ts';

/**
 * The one operation table. To add an operation, add one entry to one of these groups: its route, procedure, types,
 * document and contract test follow; the compiler then asks the node's service for its implementation.
 */
export const operations = {
  ...dataOperations,
  ...batchOperations,
  ...causalityOperations,
  ...merkleOperations,
  ...clusterOperations,
  ...topologyOperations,
  ...serviceOperations,
} as const satisfies Readonly<Record<string, Operation>>;

/** The table's type: operation id to operation. */
export type Operations = typeof operations;

/** Name of one operation, which is also its tRPC path: `data.put`. */
export type OperationId = keyof Operations;

/** Operations that tRPC serves too. */
export type ProcedureId = {
  [Id in OperationId]: Operations[Id]['kind'] extends 'query' | 'mutation' ? Id : never;
}[OperationId];

/** Input of an operation after validation. */
export type InputOf<Id extends OperationId> = z.output<Operations[Id]['input']>;

/** Input of an operation as a caller gives it. */
export type CallInputOf<Id extends OperationId> = z.input<Operations[Id]['input']>;

/** Output of an operation. */
export type OutputOf<Id extends OperationId> = z.output<Operations[Id]['output']>;

/** Every operation id, in the order of the table. */
export const operationIds = Object.keys(operations) as OperationId[]; // Object.keys forgets the key type.

/** One operation without its exact type, for code that treats all alike. */
export function operationOf(id: OperationId): Operation {
  return operations[id];
}

/** Codes of the edge: any operation can give them. */
export const edgeErrors = [
  'invalid_request',
  'unsupported_media_type',
  'request_timeout',
  'overloaded',
  'not_ready',
  'recovering',
  'shutting_down',
  'storage_failed',
  'deadline_exceeded',
  'internal',
] as const satisfies readonly ApiErrorCode[];
