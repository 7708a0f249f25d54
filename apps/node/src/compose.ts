import type { NodeEvent } from '@starling/core';
import { ClusterContextTokens } from './cluster-context-tokens.ts';
import type { NodeConfig } from './config/config.ts';
import { Driver } from './driver/driver.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import { Secret } from './http/peer-routes.ts';
import type { Logger } from './log.ts';
import { EventLog } from './observe/event-log.ts';
import { addNodeMetrics, createRegistry } from './observe/metrics.ts';
import { ProcessStats } from './observe/process-stats.ts';
import { RequestMeter } from './observe/request-meter.ts';
import { peerPath } from './peer/handshake.ts';
import { HttpDoor } from './peer/http-door.ts';
import { PeerTraffic } from './peer/peer-traffic.ts';
import { LocalNodeService } from './service/node-service.ts';
import { StartError, startErrorOf } from './start-error.ts';
import { openLevelStore } from './storage/level-store.ts';
import type { StorageNotice } from './storage/storage-error.ts';
import { StrongRandom } from './strong-random.ts';
import { version } from './version.ts';

/** A node that serves. */
export interface RunningNode {
  /** Stops it in an orderly way; false if that took too long and the shutdown is not marked clean. */
  stop(): Promise<boolean>;
}

const now = () => ({ mono: performance.now(), wall: Date.now() });
const nowMs = () => performance.now();

/**
 * Puts a node together and starts it: first the ports, so that a second process on the same one is refused before it
 * touches any data, then the store, then the clock of its figures. Rejects with `StartError`.
 */
export async function startNode(
  config: NodeConfig,
  log: Logger,
  onBroken: (cause: unknown) => void,
): Promise<RunningNode> {
  const registry = createRegistry();
  const meter = new RequestMeter(registry);
  const events = new EventLog(log, nowMs);
  const random = new StrongRandom();
  const traffic: PeerTraffic = new PeerTraffic({
    clusterSecret: config.clusterSecret,
    self: () => ({ nodeId: config.nodeId, address: config.advertise, clusterId: driver.clusterId() }),
    host: config.bind,
    port: config.port,
    random: () => random.uint32() / 2 ** 32,
    nowMs,
    onInput: (input) => driver.feed(input),
  });
  const door: HttpDoor = new HttpDoor(config.nodeId, nowMs, (input) => driver.feed(input));
  const driver: Driver = new Driver({
    options: { ...config, address: config.advertise, seeds: config.seedNodes, version },
    openStore: (storeEvents) =>
      openLevelStore({
        directory: config.dataDir,
        events: { ...storeEvents, notice: (notice) => noteStorage(events, notice) },
      }),
    sinks: {
      send: (effect) => door.takeSend(effect) || traffic.send(effect),
      packet: (effect) => door.takePacket(effect) || traffic.packet(effect),
      flushSends: () => traffic.flushSends(),
      event: (event: NodeEvent) => {
        events.note(event);
        http.live.event(event);
      },
    },
    random,
    log,
    now,
    onAnswer: (kind, answer, ms) => meter.record(kind, answer, ms),
    onBroken,
  });
  addNodeMetrics(registry, {
    view: () => driver.view(),
    peers: traffic.counters,
    connections: () => traffic.connections(),
  });
  const http: HttpServer = createHttpServer({
    service: new LocalNodeService(
      driver,
      new ClusterContextTokens(() => driver.clusterId(), config.clusterSecret),
    ),
    consoleOrigins: config.consoleOrigins,
    metrics: () => registry.metrics(),
    peers: door,
    secret: new Secret(config.clusterSecret),
    onFault: (fault, requestId) =>
      log.error({ err: fault, requestId }, 'a request met a fault of this program'),
  });
  http.upgrades.add(peerPath, (request, socket, head) => traffic.upgrade(request, socket, head));
  const close = async () => {
    traffic.close();
    await http.close();
  };
  try {
    await http.listen(config.port, config.bind);
    await traffic.open();
    await driver.start();
  } catch (cause) {
    await close();
    throw startErrorOf(cause, config);
  }
  const stats = measureEverySecond(config, meter, driver);
  log.info({ address: config.advertise, dataDir: config.dataDir, version }, 'listening');
  return {
    stop: async () => {
      stats.stop();
      const clean = await driver.stop();
      await close();
      return clean;
    },
  };
}

function measureEverySecond(config: NodeConfig, meter: RequestMeter, driver: Driver): { stop(): void } {
  const stats = new ProcessStats({ version, startedAt: driver.startedAt, dataDir: config.dataDir, meter });
  const timer = setInterval(async () => driver.feed({ type: 'stats', stats: await stats.measure() }), 1000);
  return {
    stop: () => {
      clearInterval(timer);
      stats.stop();
    },
  };
}

function noteStorage(events: EventLog, notice: StorageNotice): void {
  switch (notice.kind) {
    case 'doubt':
      events.warn(
        'history',
        { doubts: notice.doubts },
        'acknowledged writes may be missing here: recovering from peers',
      );
      break;
    case 'quarantined':
      events.warn(
        'quarantined',
        { path: notice.path, reason: notice.reason },
        'the store was unusable and set aside',
      );
      break;
    case 'corrupt':
      events.note({ type: 'corrupt', row: notice.row });
      break;
    case 'watermark':
      events.warn('watermark', {}, notice.message);
      break;
    default:
      notice satisfies never;
  }
}

export type { HttpServer };
export { StartError };
