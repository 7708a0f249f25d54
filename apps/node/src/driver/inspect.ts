import { swimTuning } from '@starling/core/membership/tuning.ts';
import type { StarlingNode } from '@starling/core/node/node.ts';
import type { NodeOptions } from '@starling/core/node/options.ts';
import type { NodeInspection } from '../service/machine-port.ts';

/** What the driver knows beside the machine. */
export interface DriverFacts {
  readonly options: NodeOptions;
  readonly startedAt: number;
  readonly stateReason: string;
  readonly diskLow: boolean;
  readonly failed: boolean;
}

/** Everything an operator may see of this node, at this moment; without a machine, that there is none. */
export function inspect(machine: StarlingNode | null, facts: DriverFacts): NodeInspection {
  const { options, startedAt, stateReason, diskLow, failed } = facts;
  const { nodeId, address, zone, weight, version } = options;
  const own = { nodeId, address, zone, weight, version, startedAt, stateReason };
  if (machine === null) {
    return {
      ...own,
      state: 'booting',
      ring: null,
      members: [],
      reports: [],
      counts: null,
      rumors: [],
      hints: [],
      transfer: null,
      storage: { diskLow, failed, damagedRecords: 0, actor: '', counter: 0 },
      antiEntropy: null,
      healthScore: 0,
      probePeriodMs: 0,
    };
  }
  return {
    ...own,
    state: machine.state,
    ring: machine.ring(),
    members: machine.members(),
    reports: machine.statsReports(),
    counts: machine.counts(),
    rumors: machine.rumors(),
    hints: machine.hints(),
    transfer: machine.transfer(),
    storage: { diskLow, failed, damagedRecords: machine.damagedRecords(), ...machine.actor() },
    antiEntropy: machine.antiEntropy(),
    healthScore: machine.healthScore(),
    probePeriodMs: swimTuning.probeIntervalMs * (machine.healthScore() + 1),
  };
}
