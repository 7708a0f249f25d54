import { randomBytes } from 'node:crypto';
import { failed, type InputOf, type OutputOf, type Result, unknownOutcome } from '@starling/api-types';
import type { CommandAnswer, NodeId, RingAim, RingCommand, RingRefusal } from '@starling/core';
import { planOperation } from '@starling/core/ring/plan-operation.ts';
import type { MachinePort } from './machine-port.ts';
import type { Handlers } from './node-service.ts';
import { operationView } from './ring-operation-view.ts';
import { planView } from './ring-plan-view.ts';

/** Operations that change the ring. */
export type TopologyId =
  | 'cluster.plan'
  | 'cluster.join'
  | 'cluster.drain'
  | 'cluster.remove'
  | 'cluster.replace'
  | 'cluster.reshape'
  | 'cluster.replicas'
  | 'cluster.operations'
  | 'cluster.pause'
  | 'cluster.resume'
  | 'cluster.abort'
  | 'gossip.leave'
  | 'gossip.join';

/** How long an operator waits for a majority of the members to decide, in ms. */
const decideMs = 5000;

type View = Result<OutputOf<'cluster.drain'>>;

export function topologyHandlers(machine: MachinePort): Pick<Handlers, TopologyId> {
  const run = async (command: RingCommand) =>
    answered(machine, command, await machine.command(command, decideMs));
  const begin = (aim: RingAim, { id, plan = '', force = false }: InputOf<'gossip.leave'>) =>
    run({ kind: 'begin', id: id ?? freshId(aim.kind), aim, plan, force });
  const asked = (input: InputOf<'gossip.leave'> & AimFields, kind: RingAim['kind']) => {
    const aim = aimOf(machine, { ...input, kind });
    return aim === null ? noAim(kind) : begin(aim, input);
  };
  return {
    'cluster.plan': (input) => planned(machine, input),
    'cluster.join': (input) => asked(input, 'join'),
    'cluster.drain': (input) => begin({ kind: 'drain', nodeId: input.nodeId as NodeId }, input),
    'cluster.remove': (input) => begin({ kind: 'remove', nodeId: input.nodeId as NodeId }, input),
    'cluster.replace': (input) => asked(input, 'replace'),
    'cluster.reshape': (input) => asked(input, 'reshape'),
    'cluster.replicas': (input) => begin({ kind: 'replicas', replicas: input.replicas }, input),
    'gossip.leave': (input) => begin({ kind: 'drain', nodeId: machine.nodeId }, input),
    'gossip.join': () => {
      machine.rejoin();
      return { ok: true, output: { state: machine.view().state } };
    },
    'cluster.operations': ({ id }) => listed(machine, id),
    'cluster.pause': ({ id }) => run({ kind: 'pause', id }),
    'cluster.resume': ({ id }) => run({ kind: 'resume', id }),
    'cluster.abort': ({ id }) => run({ kind: 'abort', id }),
  };
}

function freshId(kind: RingAim['kind']): string {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}

function answered(machine: MachinePort, command: RingCommand, answer: CommandAnswer): View {
  switch (answer.kind) {
    case 'granted':
      return { ok: true, output: operationView(answer.operation, machine.view()) };
    case 'refused':
      return refusedAs(answer.refusal);
    case 'undecided': {
      const message = 'no majority of the members has decided yet: ask again under the same id';
      return { ok: false, error: unknownOutcome('quorum_unavailable', message, { id: command.id }) };
    }
    default:
      return answer satisfies never;
  }
}

const refusalMeaning: Readonly<Record<RingRefusal, string>> = {
  unknownNode: 'the ring lists no such node',
  alreadyMember: 'the node is a member of the ring',
  onlyOwner: 'nobody would be left to own the data',
  tooFewNodes: 'keys would have fewer replicas than N; `force` does it all the same',
  noRoom: 'the ring has no room for so many nodes or tokens',
  sameAsBefore: 'nothing would change',
  unknownOperation: 'the ring lists no operation of this id',
  ended: 'the operation has ended',
  notStarted: 'the operation is not in a state to be held up or to go on',
  alreadyAsked: 'an operation with this aim waits or is in progress',
  queueFull: 'as many operations wait as may',
  planChanged: 'the ring is not what the plan was made on',
  nodeAlive: 'the node is alive: drain it; `force` removes it all the same',
  nodeUnreachable: 'the node does not answer: a member may be removed, or drained all the same by `force`',
};

function refusedAs(refusal: RingRefusal): Result<never> {
  const code = refusal === 'unknownOperation' ? 'unknown_operation' : 'operation_refused';
  return { ok: false, error: failed(code, refusalMeaning[refusal], { reason: refusal }) };
}

function listed(machine: MachinePort, id: string | undefined): Result<OutputOf<'cluster.operations'>> {
  const view = machine.view();
  const all = view.ring?.doc.operations ?? [];
  const wanted = id === undefined ? all : all.filter((operation) => operation.id === id);
  if (id !== undefined && wanted.length === 0) return refusedAs('unknownOperation');
  const operations = wanted.map((operation) => operationView(operation, view));
  return { ok: true, output: { ringEpoch: view.ring?.epoch ?? 0, operations } };
}

function planned(machine: MachinePort, input: InputOf<'cluster.plan'>): Result<OutputOf<'cluster.plan'>> {
  const view = machine.view();
  const { ring } = view;
  if (ring === null) return { ok: false, error: failed('not_ready', 'this node knows no ring yet') };
  if (ring.changing !== null) return refusedAs('planChanged');
  const aim = aimOf(machine, input);
  if (aim === null) return noAim(input.kind);
  const next = planOperation(ring.doc, {
    id: 'plan',
    aim,
    plan: '',
    force: input.force ?? false,
    state: 'queued',
    since: ring.epoch,
    reason: '',
  });
  return typeof next === 'string'
    ? refusedAs(next)
    : { ok: true, output: planView(ring, next, view, input.arcs ?? false) };
}

function noAim(kind: RingAim['kind']): Result<never> {
  const message = `${kind}: a field that this kind needs is missing`;
  return { ok: false, error: failed('invalid_request', message, { issues: [{ path: 'kind', message }] }) };
}

type AimFields = Omit<InputOf<'cluster.plan'>, 'kind'>;

function aimOf(machine: MachinePort, input: InputOf<'cluster.plan'>): RingAim | null {
  const { kind, replicas } = input;
  if (kind === 'replicas') return replicas === undefined ? null : { kind, replicas };
  if (input.nodeId === undefined) return null;
  // The pattern of the contract is that of node ids.
  const nodeId = input.nodeId as NodeId;
  const member = machine.ring()?.member(nodeId) ?? null;
  const known = machine.view().members.find((each) => each.nodeId === (input.by ?? nodeId));
  const zone = input.zone ?? member?.zone ?? (known?.facts.zone || 'default');
  const weight = input.weight ?? member?.weight ?? 1;
  switch (kind) {
    case 'drain':
    case 'remove':
      return { kind, nodeId };
    case 'join':
    case 'reshape':
      return { kind, nodeId, zone, weight };
    case 'replace':
      return input.by === undefined ? null : { kind, nodeId, by: input.by as NodeId, zone };
    default:
      return kind satisfies never;
  }
}
