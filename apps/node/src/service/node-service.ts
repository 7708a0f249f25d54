import {
  type CallInfo,
  failed,
  type InputOf,
  type NodeService,
  type OutputOf,
  type ProcedureId,
  type Result,
} from '@starling/api-types';
import { batchDelete, batchGet, batchPut } from './batch.ts';
import { type Caller, callerOf } from './caller.ts';
import { comparison, nodeClock } from './clocks.ts';
import { gossipStatusOf, membersOf, overviewOf, rumorsOf, statusOf, storageOf } from './cluster-views.ts';
import { conflictsPage } from './conflicts.ts';
import type { ContextTokens } from './context-tokens.ts';
import { deletedResult, entryResult, listResult, writtenResult } from './data-answers.ts';
import { deleteRequest, encodeValue, getRequest, listRequest, putRequest } from './data-requests.ts';
import { eventsPage } from './events.ts';
import type { MachinePort, NodeInspection } from './machine-port.ts';
import { merkleComparison, merkleSync, merkleSyncs, merkleTree } from './merkle.ts';
import { unreadiness } from './readiness.ts';
import { placementOf, ringView } from './ring-view.ts';
import { type TopologyId, topologyHandlers } from './topology.ts';

export type Handlers = {
  readonly [Id in ProcedureId]: (
    input: InputOf<Id>,
    caller: Caller,
  ) => Result<OutputOf<Id>> | Promise<Result<OutputOf<Id>>>;
};

/** Every operation of the contract on this node. The compiler asks for a handler when the table gains an entry. */
export class LocalNodeService implements NodeService {
  readonly machine: MachinePort;
  readonly contexts: ContextTokens;
  readonly #handlers: Handlers;

  constructor(machine: MachinePort, contexts: ContextTokens) {
    this.machine = machine;
    this.contexts = contexts;
    this.#handlers = {
      ...this.#dataHandlers(),
      ...this.#batchHandlers(),
      ...this.#causalityHandlers(),
      ...this.#merkleHandlers(),
      ...this.#viewHandlers(),
      ...topologyHandlers(machine),
    };
  }

  async call<Id extends ProcedureId>(
    id: Id,
    input: InputOf<Id>,
    info: CallInfo,
    caller: Caller = callerOf(info.signal),
  ): Promise<Result<OutputOf<Id>>> {
    return this.#handlers[id](input, caller);
  }

  #dataHandlers(): Pick<Handlers, 'data.put' | 'data.get' | 'data.delete' | 'data.list'> {
    const { contexts, machine } = this;
    return {
      'data.put': async (input, caller) => {
        const bytes = encodeValue(input.value);
        if (!bytes.ok) return bytes;
        const request = putRequest(this, input, bytes.output);
        if (!request.ok) return request;
        const { ref, expiresAt } = request.output;
        return writtenResult(
          contexts,
          ref,
          { value: input.value, expiresAt },
          await machine.request(request.output, caller),
        );
      },
      'data.get': async (input, caller) => {
        const request = getRequest(this, input);
        if (!request.ok) return request;
        return entryResult(contexts, request.output.ref, await machine.request(request.output, caller));
      },
      'data.delete': async (input, caller) => {
        const request = deleteRequest(this, input);
        if (!request.ok) return request;
        return deletedResult(contexts, request.output.ref, await machine.request(request.output, caller));
      },
      'data.list': async (input, caller) => {
        const request = listRequest(this, input);
        return request.ok ? listResult(await machine.request(request.output, caller)) : request;
      },
    };
  }

  #batchHandlers(): Pick<Handlers, 'batch.get' | 'batch.put' | 'batch.delete'> {
    return {
      'batch.get': async (input, caller) => ({ ok: true, output: await batchGet(this, input, caller) }),
      'batch.put': async (input, caller) => ({ ok: true, output: await batchPut(this, input, caller) }),
      'batch.delete': async (input, caller) => ({
        ok: true,
        output: await batchDelete(this, input, caller),
      }),
    };
  }

  #causalityHandlers(): Pick<Handlers, Extract<ProcedureId, `causality.${string}`>> {
    return {
      'causality.conflicts': (input, caller) => conflictsPage(this, input, caller),
      'causality.events': (input) => eventsPage(this.machine, input),
      'causality.clock': () => nodeClock(this.machine),
      'causality.compare': ({ node }) => comparison(this.machine, node),
    };
  }

  #merkleHandlers(): Pick<Handlers, Extract<ProcedureId, `merkle.${string}`>> {
    const { machine } = this;
    return {
      'merkle.tree': (input) => merkleTree(machine, input),
      'merkle.compare': (input) => merkleComparison(machine, input),
      'merkle.sync': (input) => merkleSync(machine, input),
      'merkle.syncs': (input) => merkleSyncs(machine, input),
    };
  }

  #viewHandlers(): Omit<Handlers, `${'data' | 'batch' | 'causality' | 'merkle'}.${string}` | TopologyId> {
    const shown =
      <Output>(show: (view: NodeInspection, wallMs: number) => Output) =>
      (): Result<Output> => ({ ok: true, output: show(this.machine.view(), this.machine.now().wall) });
    return {
      'cluster.status': shown(statusOf),
      'cluster.overview': shown(overviewOf),
      'cluster.storage': () => storageOf(this.machine.view(), this.machine.now().wall),
      'cluster.ring': (input) => this.#ring(input.key),
      'gossip.status': shown(gossipStatusOf),
      'gossip.members': shown(membersOf),
      'gossip.rumors': shown(rumorsOf),
      'service.health': () => ({ ok: true, output: this.#health() }),
      'service.ready': () => readiness(this.machine.view()),
    };
  }

  /** Liveness is asked often, by machines: it looks at nothing. */
  #health(): OutputOf<'service.health'> {
    const { nodeId, startedAt } = this.machine;
    return { status: 'ok', nodeId, uptimeMs: Math.max(0, this.machine.now().wall - startedAt) };
  }

  #ring(key: string | undefined): Result<OutputOf<'cluster.ring'>> {
    const ring = this.machine.ring();
    if (ring === null) return { ok: false, error: failed('not_ready', 'this node knows no ring yet') };
    const view = ringView(ring);
    return { ok: true, output: key === undefined ? view : { ...view, placement: placementOf(ring, key) } };
  }
}

function readiness(view: NodeInspection): Result<OutputOf<'service.ready'>> {
  const { nodeId, state } = view;
  const reason = unreadiness(view);
  if (reason === null) return { ok: true, output: { ready: true, nodeId, state } };
  return { ok: false, error: failed(reason.code, reason.message, { nodeId, state }) };
}
