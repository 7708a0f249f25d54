import type { NodeEvent } from '@starling/core';
import type { SwimNotice } from '@starling/core/membership/options.ts';
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
import { SeedNames } from './peer/seed-names.ts';
import { LocalNodeService } from './service/node-service.ts';
import { startErrorOf } from './start-error.ts';
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

/** What a node does not survive: who started it ends it. */
export interface Ends {
  /** The machine broke one of its own laws. */
  onBroken(cause: unknown): void;
  /** Another process holds this node's id and answers under it. `message` is for an operator. */
  onDisplaced(message: string): void;
}

/** The machine has left the cluster over these notices, and does not come back by itself. */
const displacing: ReadonlySet<string> = new Set<SwimNotice['type']>(['nodeIdHeld', 'replaced']);

/** Puts a node together and starts it. Rejects with `StartError` where an operator can do something about it. */
export async function startNode(config: NodeConfig, log: Logger, ends: Ends): Promise<RunningNode> {
  const node = new ComposedNode(config, log, ends);
  await node.start();
  return node;
}

/** The parts of a server process and the wires between them. */
class ComposedNode implements RunningNode {
  readonly #config: NodeConfig;
  readonly #log: Logger;
  readonly #ends: Ends;
  readonly #registry = createRegistry();
  readonly #meter = new RequestMeter(this.#registry);
  readonly #random = new StrongRandom();
  readonly #events: EventLog;
  readonly #traffic: PeerTraffic;
  readonly #door: HttpDoor;
  readonly #driver: Driver;
  readonly #http: HttpServer;
  readonly #seeds: SeedNames;
  #stats: { stop(): void } | null = null;

  constructor(config: NodeConfig, log: Logger, ends: Ends) {
    this.#config = config;
    this.#log = log;
    this.#ends = ends;
    this.#events = new EventLog(log, nowMs);
    this.#traffic = this.#makeTraffic();
    this.#door = new HttpDoor(config.nodeId, nowMs, (input) => this.#driver.feed(input));
    this.#driver = this.#makeDriver();
    this.#http = this.#makeHttp();
    this.#http.upgrades.add(peerPath, (request, socket, head) =>
      this.#traffic.upgrade(request, socket, head),
    );
    this.#seeds = this.#makeSeedNames();
    addNodeMetrics(this.#registry, {
      view: () => this.#driver.view(),
      peers: this.#traffic.counters,
      connections: () => this.#traffic.connections(),
    });
  }

  /**
   * First the ports, so that a second process on the same one is refused before it touches any data; then the store;
   * then the clock of the figures.
   */
  async start(): Promise<void> {
    const { port, bind, advertise, dataDir } = this.#config;
    try {
      await this.#http.listen(port, bind);
      await this.#traffic.open();
      await this.#driver.start();
    } catch (cause) {
      await this.#close();
      throw startErrorOf(cause, this.#config);
    }
    this.#seeds.start();
    this.#stats = measureEverySecond(this.#config, this.#meter, this.#driver);
    this.#log.info({ address: advertise, dataDir, version }, 'listening');
  }

  /** The machine first: while it finishes, answers must still find their way to clients and peers. */
  async stop(): Promise<boolean> {
    this.#stats?.stop();
    const clean = await this.#driver.stop();
    await this.#close();
    return clean;
  }

  async #close(): Promise<void> {
    this.#seeds.stop();
    this.#traffic.close();
    await this.#http.close();
  }

  #makeTraffic(): PeerTraffic {
    const { clusterSecret, nodeId, advertise: address, bind: host, port } = this.#config;
    return new PeerTraffic({
      clusterSecret,
      self: () => ({ nodeId, address, clusterId: this.#driver.clusterId() }),
      host,
      port,
      random: () => this.#random.uint32() / 2 ** 32,
      nowMs,
      onInput: (input) => this.#driver.feed(input),
      onRefused: (reason) =>
        this.#events.warn(
          'peer_refused',
          { reason },
          'a node was not let in: is the cluster secret the same?',
        ),
    });
  }

  #makeDriver(): Driver {
    const { nodeId, advertise: address, zone, weight, replicas, seedNodes: seeds, dataDir } = this.#config;
    const replaces = this.#config.replace;
    return new Driver({
      options: { nodeId, address, zone, weight, replicas, seeds, replaces, version },
      openStore: (storeEvents) =>
        openLevelStore({
          directory: dataDir,
          events: { ...storeEvents, notice: (notice) => noteStorage(this.#events, notice) },
        }),
      sinks: {
        send: (effect) => this.#door.takeSend(effect) || this.#traffic.send(effect),
        packet: (effect) => this.#door.takePacket(effect) || this.#traffic.packet(effect),
        flushSends: () => this.#traffic.flushSends(),
        event: (event) => this.#event(event),
      },
      random: this.#random,
      log: this.#log,
      now,
      onAnswer: (kind, answer, ms) => this.#meter.record(kind, answer, ms),
      onBroken: (cause) => this.#ends.onBroken(cause),
    });
  }

  #makeHttp(): HttpServer {
    const { clusterSecret, consoleOrigins } = this.#config;
    const contexts = new ClusterContextTokens(() => this.#driver.clusterId(), clusterSecret);
    return createHttpServer({
      service: new LocalNodeService(this.#driver, contexts),
      consoleOrigins,
      metrics: () => this.#registry.metrics(),
      peers: this.#door,
      secret: new Secret(clusterSecret),
      onFault: (fault, requestId) =>
        this.#log.error({ err: fault, requestId }, 'a request met a fault of this program'),
    });
  }

  #makeSeedNames(): SeedNames {
    return new SeedNames({
      seeds: this.#config.seedNodes,
      onResolved: (addresses) => this.#driver.feed({ type: 'seeds', addresses }),
      onUnknown: (host, err) =>
        this.#events.warn('seed_unknown', { host, err }, 'the name of a seed could not be looked up'),
    });
  }

  #event(event: NodeEvent): void {
    this.#events.note(event);
    this.#http.live.event(event);
    if (event.type === 'warning' && displacing.has(event.code)) this.#ends.onDisplaced(event.message);
  }
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
