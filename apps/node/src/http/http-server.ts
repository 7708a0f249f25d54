import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ApiError,
  allowedMethods,
  answerHeaders,
  apiLimits,
  errorAnswer,
  failed,
  findRoute,
  type OperationId,
  openApiDocument,
  operationIds,
  operationOf,
  splitTarget,
} from '@starling/api-types';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { LocalNodeService } from '../service/node-service.ts';
import { batchGetRoute } from './batch-route.ts';
import { getRoute, putRoute } from './data-routes.ts';
import { Exchange } from './exchange.ts';
import { type HttpLimits, httpLimits } from './limits.ts';
import { LiveHub } from './live/live-hub.ts';
import { operationRoute, type RouteCall, textRoute } from './operation-route.ts';
import { Origins } from './origins.ts';
import { Outbox } from './outbox.ts';
import { admitPeer, type PeerDoor, peerRoute, type Secret } from './peer-routes.ts';
import { frameworkRefusal, parserRefusal, refuseSocket } from './refusals.ts';
import { RequestIds } from './request-ids.ts';
import { rpcPath, serveRpc } from './rpc-route.ts';
import { RpcSockets } from './rpc-socket.ts';
import { type UpgradeHandler, Upgrades } from './upgrades.ts';
import { WaitingCallers } from './waiting-callers.ts';

/** What the HTTP edge of a node is made of. */
export interface HttpServerOptions {
  readonly service: LocalNodeService;
  /** Origins whose pages may use this node from a browser. */
  readonly consoleOrigins: readonly string[];
  /** Figures in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly peers: PeerDoor;
  readonly secret: Secret;
  /** Called with what nobody foresaw: a bug, told to the operator and never to the client. */
  readonly onFault: (fault: unknown, requestId: string) => void;
  /** Bounds other than the usual ones. */
  readonly limits?: Partial<HttpLimits>;
}

/** The one TCP port of a node: REST, tRPC, WebSocket upgrades. */
export interface HttpServer {
  /** Handlers of upgrades by path; the node adds its peers' path. */
  readonly upgrades: Upgrades;
  /** What happens on this node goes in here, for those who follow `/ws`. */
  readonly live: LiveHub;
  readonly raw: Server;
  /** Listens and resolves with the port, which is a free one for 0. Rejects when the address cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /** Stops listening, lets requests in flight finish for a bounded time, closes every connection. */
  close(): Promise<void>;
}

type Route = (call: RouteCall) => Promise<void>;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const origins = new Origins(options.consoleOrigins);
  const ids = new RequestIds();
  const limits: HttpLimits = { ...httpLimits, ...options.limits };
  const app = createApp(ids, limits);
  const upgrades = new Upgrades(origins, ids);
  const parts = {
    origins,
    ids,
    callers: new WaitingCallers(),
    outbox: new Outbox(),
    headersMax: limits.headersMax,
  };
  const exchangeOf = (request: FastifyRequest, reply: FastifyReply) =>
    new Exchange(request.raw, reply.raw, parts);

  for (const [id, route] of routesOf(options)) addRoute(app, id, route, exchangeOf, options);
  addRpc(app, options, origins, exchangeOf);
  app.setNotFoundHandler((request, reply) =>
    answerNowhere(request, reply, exchangeOf(request, reply), origins),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = frameworkRefusal(error);
    const exchange = exchangeOf(request, reply);
    if (refusal.code === 'internal') options.onFault(error, exchange.requestId);
    reply.hijack();
    exchange.fail(refusal);
  });
  bound(app.server, limits, ids, upgrades);
  const live = new LiveHub(options.service.machine, limits);
  upgrades.add(
    '/ws',
    (...upgrade) => live.upgrade(...upgrade),
    () => live.close(),
  );
  const rpcSockets = new RpcSockets(options.service, ids, options.onFault, limits);
  upgrades.add(
    rpcPath,
    (...upgrade) => rpcSockets.upgrade(...upgrade),
    () => rpcSockets.close(),
  );
  return {
    upgrades,
    live,
    raw: app.server,
    listen: async (port, host) => {
      await app.listen({ port, host });
      return portOf(app.server.address());
    },
    close: () => close(app, upgrades, limits.closeMs),
  };
}

/**
 * Requests are led by the contract's own router, which reads the raw target: it names the operation, and that name is
 * all the framework's router sees. So no key can be mistaken for a route or be decoded twice.
 */
function createApp(ids: RequestIds, limits: HttpLimits): FastifyInstance {
  const app = fastify({
    logger: false,
    http: {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.receiveCheckMs,
      // Judged with everything else, so that the answer has the contract's shape.
      requireHostHeader: false,
    },
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stillMs,
    maxRequestsPerSocket: limits.requestsPerConnectionMax,
    bodyLimit: apiLimits.smallBodyBytesMax,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: () => '',
    rewriteUrl: (request) => innerPath(request),
    routerOptions: { querystringParser: () => ({}) },
    clientErrorHandler: (error, socket) => refuseSocket(socket, parserRefusal(error), ids.fresh()),
  });
  app.removeAllContentTypeParsers();
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
  return app;
}

function innerPath(request: IncomingMessage): string {
  const target = request.url ?? '/';
  const { path } = splitTarget(target);
  if (path.startsWith(`${rpcPath}/`)) return target;
  const route = findRoute(request.method ?? '', path);
  return route.kind === 'found' ? `/operation/${route.id}` : '/nowhere';
}

/** Each operation's route: the data path has its own, the rest follow from the table. */
function routesOf({ service, metrics, peers }: HttpServerOptions): Map<OperationId, Route> {
  const document = JSON.stringify(openApiDocument());
  const routes = new Map<OperationId, Route>([
    ['data.get', getRoute(service)],
    ['data.put', putRoute(service)],
    ['batch.get', batchGetRoute(service)],
    ['service.metrics', textRoute('service.metrics', 'text/plain; version=0.0.4; charset=utf-8', metrics)],
    ['service.openapi', textRoute('service.openapi', 'application/json; charset=utf-8', () => document)],
    ['internal.replicate', peerRoute((bytes) => peers.replicate(bytes))],
    ['gossip.receive', peerRoute((bytes) => peers.receive(bytes))],
    ['live.connect', upgradeRoute],
  ]);
  for (const id of operationIds) {
    if (!routes.has(id) && isServed(id)) routes.set(id, operationRoute(id, service));
  }
  return routes;
}

function isServed(id: OperationId): id is Parameters<typeof operationRoute>[0] {
  return operationOf(id).kind !== 'none';
}

async function upgradeRoute({ exchange }: RouteCall): Promise<void> {
  exchange.fail(failed('upgrade_required', 'this path speaks WebSocket only'), { upgrade: 'websocket' });
}

function addRoute(
  app: FastifyInstance,
  id: OperationId,
  route: Route,
  exchangeOf: (request: FastifyRequest, reply: FastifyReply) => Exchange,
  { onFault, secret }: HttpServerOptions,
): void {
  const { method, body, wire } = operationOf(id).rest;
  app.route({
    method,
    url: `/operation/${id}`,
    ...(body === undefined ? {} : { bodyLimit: body.bytesMax }),
    ...(wire === 'bytes' ? { onRequest: admission(secret, exchangeOf) } : {}),
    handler: (request, reply) => {
      reply.hijack();
      const exchange = exchangeOf(request, reply);
      route({ exchange, target: request.originalUrl, body: request.body }).catch((fault: unknown) => {
        onFault(fault, exchange.requestId);
        exchange.fail({ code: 'internal', message: 'a fault of the server', outcome: 'unknown' });
      });
    },
  });
}

function admission(secret: Secret, exchangeOf: (request: FastifyRequest, reply: FastifyReply) => Exchange) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (admitPeer(secret, exchangeOf(request, reply))) done();
    else reply.hijack();
  };
}

function addRpc(
  app: FastifyInstance,
  { service, onFault }: HttpServerOptions,
  origins: Origins,
  exchangeOf: (request: FastifyRequest, reply: FastifyReply) => Exchange,
): void {
  app.route({
    method: ['GET', 'POST'],
    url: `${rpcPath}/*`,
    bodyLimit: apiLimits.batchBytesMax,
    handler: (request, reply) => {
      const exchange = exchangeOf(request, reply);
      return serveRpc(service, origins, exchange, request, reply, (fault) =>
        onFault(fault, exchange.requestId),
      );
    },
  });
}

/** No operation here: another method, a preflight, or nothing at all. */
function answerNowhere(
  request: FastifyRequest,
  reply: FastifyReply,
  exchange: Exchange,
  origins: Origins,
): void {
  reply.hijack();
  const { path } = splitTarget(request.originalUrl);
  const allow = path.startsWith(`${rpcPath}/`) ? 'GET, HEAD, OPTIONS, POST' : allowedMethods(path);
  if (allow === null) return exchange.fail(failed('no_such_route', 'there is nothing at this path'));
  if (request.method !== 'OPTIONS') {
    return exchange.fail(failed('method_not_allowed', `this path has ${allow}`), { allow });
  }
  exchange.send(204, { ...answerHeaders, ...origins.preflight(request.raw, allow), allow }, '');
}

function bound(server: Server, limits: HttpLimits, ids: RequestIds, upgrades: Upgrades): void {
  server.maxConnections = limits.connectionsMax;
  server.maxHeadersCount = limits.headersMax;
  server.on('upgrade', (request, socket, head) => upgrades.take(request, socket, head));
  server.on('connect', (_request, socket) => {
    refuseSocket(socket, failed('method_not_allowed', 'this is no proxy'), ids.fresh());
  });
  server.on('checkExpectation', (_request, response) =>
    refuseEarly(
      response,
      failed('expectation_failed', 'the only expectation understood is 100-continue'),
      ids,
    ),
  );
  server.on('checkContinue', (request, response) => {
    // The client asks before it sends: it is told now what it would be told after many bytes.
    if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax(request)) {
      refuseEarly(response, failed('payload_too_large', 'the body is over its bound'), ids);
    } else {
      response.writeContinue();
      server.emit('request', request, response);
    }
  });
}

/** Answers before the body was sent, and closes: what the client sends after that nobody would understand. */
function refuseEarly(response: ServerResponse, error: ApiError, ids: RequestIds): void {
  const { status, headers, body } = errorAnswer(error, ids.fresh());
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, connection: 'close', 'content-length': length });
  response.end(body);
}

/** Bytes that a body sent to this target may have. */
function bodyBytesMax({ method, url }: IncomingMessage): number {
  const { path } = splitTarget(url ?? '/');
  if (path.startsWith(`${rpcPath}/`)) return apiLimits.batchBytesMax;
  const route = findRoute(method ?? '', path);
  const body = route.kind === 'found' ? operationOf(route.id).rest.body : undefined;
  return body?.bytesMax ?? apiLimits.smallBodyBytesMax;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port');
  return address.port;
}

async function close(app: FastifyInstance, upgrades: Upgrades, graceMs: number): Promise<void> {
  upgrades.close();
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(timer);
}

export type { PeerDoor, Secret, UpgradeHandler };
