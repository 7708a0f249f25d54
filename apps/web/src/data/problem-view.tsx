import { type ErrorBody, errorMeaning } from '@starling/api-types';
import { NodeName } from '../nodes/node-name.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Shortfall, shortfallOf } from './request.ts';

/** Details that are shown in their own way, or say nothing to a reader. */
const shownElsewhere = new Set([
  'explain',
  'context',
  'needed',
  'answered',
  'replicas',
  'tried',
  'phase',
  'ringEpoch',
]);

/** An error in full: its code, what it means, whether anything happened, and what each replica said. */
export function ProblemView({ problem }: { readonly problem: ErrorBody }) {
  if (problem.code === 'not_found') {
    return <p className="text-muted">The key has no value. Writing gives it one.</p>;
  }
  const shortfall = shortfallOf(problem);
  const rest = Object.entries(problem.details ?? {}).filter(([name]) => !shownElsewhere.has(name));
  return (
    <div className="flex flex-col gap-3" data-testid="problem">
      <Notice
        tone={problem.outcome === 'failed' ? 'bad' : 'warn'}
        title={<code className="font-mono">{problem.code}</code>}
      >
        <p className="text-text">{problem.message}</p>
        <p>
          <WithCode text={errorMeaning[problem.code]} />
        </p>
        <p>
          {problem.outcome === 'failed'
            ? 'Provably nothing happened: it can be tried again without care.'
            : 'It may have happened, or may still happen. Read the key before writing again, or retry under the same request id.'}
        </p>
      </Notice>
      {shortfall === null ? null : <ShortfallView shortfall={shortfall} />}
      {rest.length === 0 ? null : (
        <pre className="overflow-auto rounded-md bg-sunken p-2 font-mono text-12">
          {JSON.stringify(Object.fromEntries(rest), null, 2)}
        </pre>
      )}
      {problem.requestId === '' ? null : (
        <p className="text-12 text-muted">
          request <code className="break-all font-mono">{problem.requestId}</code>
        </p>
      )}
    </div>
  );
}

/** Text in which what stands between backticks is code. */
function WithCode({ text }: { readonly text: string }) {
  return text.split('`').map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="font-mono text-12">
        {part}
      </code>
    ),
  );
}

function ShortfallView({ shortfall }: { readonly shortfall: Shortfall }) {
  const { needed, answered, phase, replicas, tried, ringEpoch } = shortfall;
  const said = replicas ?? Object.fromEntries((tried ?? []).map((nodeId) => [nodeId, 'tried, no answer']));
  return (
    <div className="flex flex-col gap-1">
      {needed === undefined ? null : (
        <p>
          Needed {needed} replicas{phase === undefined ? '' : ` in the phase “${phase}”`}
          {answered === undefined ? '' : `, had ${answered}`}
          {ringEpoch === undefined ? '' : `, in ring epoch ${ringEpoch}`}.
        </p>
      )}
      <table className="grid-table" aria-label="What each replica said">
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(said).map(([nodeId, verdict]) => (
            <tr key={nodeId}>
              <td>
                <NodeName nodeId={nodeId} />
              </td>
              <td className={verdict === 'ok' ? 'text-ok' : 'text-bad'}>{verdict}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
