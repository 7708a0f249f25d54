import { randomUUID } from 'node:crypto';
import { createClient } from '@starling/client';
import { configuredNodes } from '../live/configured-nodes.ts';
import { type Gateway, serveRest } from './public-rest.ts';

let gateway: Gateway | null = null;

/** Made at the first request, not while the console is built: which nodes there are is known only where it runs. */
function theGateway(): Gateway {
  gateway ??= {
    client: createClient({ endpoints: configuredNodes({ STARLING_NODES: process.env['STARLING_NODES'] }) }),
    freshId: randomUUID,
  };
  return gateway;
}

/** Serves any public REST route. */
function handle(request: Request): Promise<Response> {
  return serveRest(theGateway(), request, (fault, requestId) =>
    console.error('a request met a fault of this program', { requestId, fault }),
  );
}

/** The methods that a route of the app router must name. */
export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
