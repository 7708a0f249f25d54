import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PeerCounters } from '../peer/peer-counters.ts';
import type { NodeInspection } from '../service/machine-port.ts';

/** What the metrics are read from when somebody asks for them. */
export interface MetricSources {
  readonly view: () => NodeInspection;
  readonly peers: Readonly<PeerCounters>;
  readonly connections: () => { readonly outgoing: number; readonly incoming: number };
}

/** A registry with the figures of the process that Node and prom-client know of. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * The node's own figures for Prometheus. All are read when they are asked for, none is kept twice. No label holds
 * anything that a client chooses; members are bounded by the cluster's size.
 */
export function addNodeMetrics(registry: Registry, { view, peers, connections }: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('starling_ring_epoch', 'Epoch of the ring in force; 0 for none', () => view().ring?.epoch ?? 0);
  gauge('starling_keys', 'Live keys stored on this node', () => view().counts?.keys ?? 0);
  gauge('starling_tombstones', 'Tombstones stored on this node', () => view().counts?.tombstones ?? 0);
  gauge('starling_record_bytes', 'Bytes of stored records', () => view().counts?.recordBytes ?? 0);
  gauge('starling_hints', 'Keys owed to replicas that missed writes', () => view().counts?.hints ?? 0);
  gauge(
    'starling_requests_in_flight',
    'Requests without an answer yet',
    () => view().counts?.requestsInFlight ?? 0,
  );
  gauge('starling_disk_low', '1 while clients’ writes are refused for lack of disk', () =>
    view().storage.diskLow ? 1 : 0,
  );
  gauge('starling_storage_failed', '1 while the store is being opened again after an error', () =>
    view().storage.failed ? 1 : 0,
  );
  gauge('starling_health_score', 'Lifeguard’s local health: 0 is good', () => view().healthScore);
  gauge('starling_peer_links', 'Connections opened to other nodes', () => connections().outgoing);
  gauge('starling_peer_connections', 'Connections accepted from other nodes', () => connections().incoming);
  addMembers(registry, view);
  addAntiEntropy(registry, view);
  addPeerCounters(registry, peers);
}

const statuses = ['alive', 'suspect', 'dead', 'left'] as const;

function addMembers(registry: Registry, view: () => NodeInspection): void {
  new Gauge({
    name: 'starling_members',
    help: 'Members of the cluster as this node believes, by status',
    labelNames: ['status'] as const,
    registers: [registry],
    collect() {
      const { members } = view();
      for (const status of statuses)
        this.set({ status }, members.filter((member) => member.status === status).length);
    },
  });
}

const comparisonEnds = ['equal', 'differed', 'brokenOff'] as const;

function addAntiEntropy(registry: Registry, view: () => NodeInspection): void {
  new Gauge({
    name: 'starling_comparisons_total',
    help: 'Comparisons with peers by how they ended',
    labelNames: ['end'] as const,
    registers: [registry],
    collect() {
      for (const end of comparisonEnds) this.set({ end }, view().antiEntropy?.[end] ?? 0);
    },
  });
  new Gauge({
    name: 'starling_repaired_records_total',
    help: 'Records stored to make replicas equal',
    labelNames: ['where'] as const,
    registers: [registry],
    collect() {
      this.set({ where: 'here' }, view().antiEntropy?.pulled ?? 0);
      this.set({ where: 'peer' }, view().antiEntropy?.pushed ?? 0);
    },
  });
  new Gauge({
    name: 'starling_hash_tree_complete',
    help: '1 once the hash tree tells what is stored: until then this node is compared with nobody',
    registers: [registry],
    collect() {
      this.set(view().antiEntropy?.tree.complete === true ? 1 : 0);
    },
  });
}

/** The counters are plain numbers on the data path; here they become one metric with the name of each as its label. */
function addPeerCounters(registry: Registry, peers: Readonly<PeerCounters>): void {
  new Gauge({
    name: 'starling_peer_traffic_total',
    help: 'What happened between this node and others since the process started',
    labelNames: ['what'] as const,
    registers: [registry],
    collect() {
      for (const [what, count] of Object.entries(peers)) this.set({ what }, count);
    },
  });
}
