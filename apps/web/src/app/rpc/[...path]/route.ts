import { randomUUID } from 'node:crypto';
import { apiLimits } from '@starling/api-types';
import { configuredNodes } from '../../../live/configured-nodes.ts';
import { type Call, forward, refusal } from '../../../rpc/server/forward.ts';
import { NodeDirectory } from '../../../rpc/server/node-directory.ts';
import { readText } from '../../../server/body.ts';

export const dynamic = 'force-dynamic';

/** Nodes as this server reaches them; browsers may know them under other addresses. */
const directory = new NodeDirectory({
  configured: configuredNodes({ STARLING_NODES: process.env['STARLING_NODES'] }),
  fetch,
  now: Date.now,
});

const ports = { directory, fetch, newRequestId: randomUUID };

interface Params {
  readonly params: Promise<{ readonly path: string[] }>;
}

async function handle(request: Request, { params }: Params, method: Call['method']): Promise<Response> {
  const body = await readText(method === 'POST' ? request.body : null, apiLimits.batchBytesMax);
  if (!body.ok) return refusal({ ...body.error, requestId: randomUUID() });
  const path = (await params).path.join('/');
  return forward(
    { path, search: new URL(request.url).search, method, body: body.output, headers: request.headers },
    ports,
  );
}

export function GET(request: Request, context: Params): Promise<Response> {
  return handle(request, context, 'GET');
}

export function POST(request: Request, context: Params): Promise<Response> {
  return handle(request, context, 'POST');
}
