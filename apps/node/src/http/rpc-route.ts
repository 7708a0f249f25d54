import {
  type ApiError,
  answerHeaders,
  apiLimits,
  appRouter,
  failed,
  jsonTextProblem,
  type NodeService,
  splitTarget,
} from '@starling/api-types';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyText } from './body-text.ts';
import type { Exchange } from './exchange.ts';
import type { Origins } from './origins.ts';

/** Where tRPC is served, over HTTP and over WebSocket. */
export const rpcPath = '/trpc';

/** A value inside `{"0": {items: [{value}]}}` begins four levels down. */
export const rpcDepthMax = apiLimits.jsonDepthMax + 4;

/** tRPC over HTTP. Its body has the same bounds as any other, judged before tRPC parses it. */
export async function serveRpc(
  service: NodeService,
  origins: Origins,
  exchange: Exchange,
  request: FastifyRequest,
  reply: FastifyReply,
  onFault: (fault: unknown) => void,
): Promise<void> {
  const problem = exchange.problem();
  const text = bodyText(request.body);
  const refused = problem ?? (text.ok ? textProblem(text.output) : text.error);
  if (refused !== null || !text.ok) {
    reply.hijack();
    if (refused !== null) exchange.fail(refused);
    return;
  }
  request.body = text.output ?? undefined;
  const headers = { ...guarding, 'x-request-id': exchange.requestId, ...origins.headersFor(request.raw) };
  for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value);
  await fastifyRequestHandler({
    router: appRouter,
    req: request,
    res: reply,
    path: splitTarget(request.originalUrl).path.slice(rpcPath.length + 1),
    createContext: () => ({ service, info: { requestId: exchange.requestId } }),
    maxBatchSize: apiLimits.rpcBatchCallsMax,
    allowMethodOverride: true,
    onError: ({ error }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') onFault(error);
    },
  });
}

/** What every answer says; its media type is tRPC's to say. */
const { 'content-type': _, ...guarding } = answerHeaders;

function textProblem(text: string | null): ApiError | null {
  const fault = text === null ? null : jsonTextProblem(text, rpcDepthMax);
  return fault === null ? null : failed('invalid_request', `body: ${fault}`);
}
