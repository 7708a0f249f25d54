/** Puts inputs and effects into words, for `--trace` and for the events before a failure. Never on the hot path. */
import { formatDot } from '@starling/core/causality/dot.ts';
import type { StoredRecord } from '@starling/core/causality/record.ts';
import type { ClientAnswer, ClientRequest } from '@starling/core/coordinator/request.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { Ballot } from '@starling/core/paxos/ballot.ts';

export function describeInput(input: Input): string {
  switch (input.type) {
    case 'message':
      return `${input.from}: ${describeMessage(input.message)}`;
    case 'packet':
      return `${input.packet.kind} from ${input.packet.sender}`;
    case 'request':
      return `request ${input.id}: ${describeRequest(input.request)}`;
    case 'written':
      return `written ${input.seq}`;
    case 'disconnected':
      return `disconnected ${input.peer}`;
    case 'rows':
      return `rows ${input.rows.map((row) => (row === 'corrupt' ? 'corrupt' : row === null ? '-' : row.length)).join(' ')}`;
    default:
      return input.type;
  }
}

export function describeMessages(messages: readonly PeerMessage[]): string {
  return messages.map(describeMessage).join('; ');
}

function describeMessage(message: PeerMessage): string {
  const rpc = 'rpc' in message ? ` #${message.rpc}` : '';
  const result = 'result' in message ? ` ${message.result}` : '';
  const ref = 'ref' in message ? ` ${message.ref.key}` : '';
  const record = 'record' in message && message.record !== null ? ` ${describeRecord(message.record)}` : '';
  return `${message.kind}${rpc}${ref}${result}${record}`;
}

function describeRequest(request: ClientRequest): string {
  if (request.kind === 'list') return `list ${request.prefix}`;
  const level = typeof request.level === 'string' ? request.level : request.level.count;
  const context = request.kind !== 'get' && request.context !== null ? ' with context' : '';
  const condition =
    request.kind !== 'get' && request.condition !== null ? ` if ${request.condition.kind}` : '';
  return `${request.kind} ${request.ref.key} at ${level}${context}${condition}`;
}

export function describeAnswer(answer: ClientAnswer): string {
  switch (answer.kind) {
    case 'error':
      return `${answer.error.outcome} ${answer.error.code}: ${answer.error.message}`;
    case 'written':
      return `written ${answer.dot}${answer.repeated ? ' (repeated)' : ''}`;
    case 'read':
      return `read ${answer.winner?.dot ?? 'nothing'} and ${answer.siblings.length} more`;
    case 'unmet':
      return `unmet, found ${answer.found.winner?.dot ?? 'nothing'}`;
    case 'listed':
      return `listed ${answer.keys.length}`;
  }
}

export function describeRows(rows: readonly RowWrite[]): string {
  return rows.map(([row, value]) => (value === null ? `-${row}` : `${row}=${value.length}`)).join(' ');
}

function formatBallot({ round, actor }: Ballot): string {
  return round === 0 ? '-' : `${round}.${actor.slice(0, actor.indexOf('~') + 5)}`;
}

/** The clock, then the siblings' dots, then the ballots promised and accepted. */
export function describeRecord(record: StoredRecord): string {
  const dots = record.siblings.map((sibling) => formatDot(sibling.dot) + (sibling.value === null ? '†' : ''));
  const { vote } = record;
  const bound = vote === null ? '' : ` | ${formatBallot(vote.promised)}, ${formatBallot(vote.accepted)}`;
  return `{${record.clock.map(formatDot).join(' ')} | ${dots.join(' ')}${bound}}`;
}
