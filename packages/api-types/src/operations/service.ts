import { z } from 'zod';
import { nodeIdSchema } from '../fields.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { nodeStateSchema } from '../schemas/node-report.ts';

/** The process itself, its documents, its live feed, and the two doors for other nodes. */

const nothing = z.strictObject({}).default({});
const noFields = z.strictObject({});
const message = z.unknown().describe('one encoded message');

export const serviceOperations = {
  'service.health': defineOperation({
    kind: 'query',
    summary: 'The process lives',
    rest: { method: 'GET', path: '/healthz' },
    input: nothing,
    output: z.strictObject({ status: z.literal('ok'), nodeId: nodeIdSchema, uptimeMs: z.number() }),
    errors: [],
    examples: [{ name: 'health', input: {} }],
  }),
  'service.ready': defineOperation({
    kind: 'query',
    summary: 'The node can serve clients',
    rest: { method: 'GET', path: '/readyz' },
    input: nothing,
    output: z.strictObject({ ready: z.literal(true), nodeId: nodeIdSchema, state: nodeStateSchema }),
    errors: ['not_ready', 'recovering', 'shutting_down', 'storage_failed'],
    examples: [{ name: 'readiness', input: {} }],
  }),
  'service.metrics': defineOperation({
    kind: 'none',
    summary: 'Figures for Prometheus',
    rest: { method: 'GET', path: '/metrics', wire: 'text' },
    input: noFields,
    output: z.string(),
    errors: [],
    examples: [{ name: 'metrics', input: {} }],
  }),
  'service.openapi': defineOperation({
    kind: 'none',
    summary: 'This contract as OpenAPI 3.1',
    rest: { method: 'GET', path: '/api/v1/openapi.json' },
    input: noFields,
    output: z.record(z.string(), z.unknown()),
    errors: [],
    examples: [{ name: 'the document', input: {} }],
  }),
  'live.connect': defineOperation({
    kind: 'none',
    summary: 'Live view over WebSocket: a snapshot, then what changes',
    rest: { method: 'GET', path: '/ws', wire: 'socket' },
    input: noFields,
    output: z.unknown(),
    errors: ['upgrade_required', 'overloaded'],
    examples: [],
  }),
  'internal.replicate': defineOperation({
    kind: 'none',
    summary: 'One message between nodes over HTTP, as over their own connection',
    rest: {
      method: 'POST',
      path: '/internal/replicate',
      wire: 'bytes',
      body: { fields: [], bytesMax: apiLimits.peerBodyBytesMax, levels: 0 },
    },
    input: message,
    output: message,
    errors: ['unauthorized', 'payload_too_large'],
    examples: [],
  }),
  'gossip.receive': defineOperation({
    kind: 'none',
    summary: 'One membership packet over HTTP, as over UDP',
    rest: {
      method: 'POST',
      path: '/gossip/receive',
      wire: 'bytes',
      body: { fields: [], bytesMax: apiLimits.packetBodyBytesMax, levels: 0 },
    },
    input: message,
    output: message,
    errors: ['unauthorized', 'payload_too_large'],
    examples: [],
  }),
} as const;
