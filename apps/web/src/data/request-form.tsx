'use client';

import { Eye, PenLine, Trash2 } from 'lucide-react';
import type { FormEvent } from 'react';
import { useNodes } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Field, Input, Select, Textarea } from '../ui/field.tsx';
import { Panel } from '../ui/panel.tsx';
import { Segmented } from '../ui/segmented.tsx';
import type { Draft, DraftErrors } from './draft.ts';
import type { Level } from './request.ts';
import type { DataConsole } from './use-data-console.ts';

/** A key, a value, and the three things that can be done. Enter in the key reads; Ctrl+Enter in the value writes. */
export function RequestForm({ console }: { readonly console: DataConsole }) {
  const { draft, errors, change, setKey, run, busy } = console;
  const read = (event: FormEvent) => {
    event.preventDefault();
    void run('get');
  };
  return (
    <Panel
      title="Request"
      headingId="request"
      aside={<kbd className="hidden font-sans sm:inline">Enter reads, Ctrl Enter writes</kbd>}
    >
      <form noValidate onSubmit={read} className="flex flex-col gap-3 px-3 pb-3">
        <Field id="key" label="Key" error={errors.key}>
          <Input
            id="key"
            className="font-mono"
            placeholder="users/ada/profile"
            value={draft.key}
            aria-invalid={errors.key !== undefined}
            aria-describedby="key-note"
            onChange={(event) => setKey(event.target.value)}
          />
        </Field>
        <Field id="value" label="Value, any JSON" error={errors.value}>
          <Textarea
            id="value"
            rows={7}
            placeholder={'{"name": "Ada", "born": 1815}'}
            value={draft.value}
            aria-invalid={errors.value !== undefined}
            aria-describedby="value-note"
            onChange={(event) => change({ value: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run('put');
            }}
          />
        </Field>
        <ContextChoice draft={draft} change={change} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" disabled={busy}>
            <Eye aria-hidden="true" /> Read
          </Button>
          <Button disabled={busy} onClick={() => run('put')}>
            <PenLine aria-hidden="true" /> Write
          </Button>
          <Button variant="danger" disabled={busy} onClick={() => run('delete')}>
            <Trash2 aria-hidden="true" /> Delete
          </Button>
        </div>
        <Options draft={draft} errors={errors} change={change} />
      </form>
    </Panel>
  );
}

interface OptionsProps {
  readonly draft: Draft;
  readonly errors: DraftErrors;
  readonly change: (patch: Partial<Draft>) => void;
}

/** What this tab has seen of the key goes with a write, unless it is told not to. */
function ContextChoice({ draft, change }: Omit<OptionsProps, 'errors'>) {
  if (draft.context === null) {
    return (
      <p className="text-12 text-muted">
        Nothing of this key was read here. A write without a context replaces all that a quorum holds.
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-2 text-12">
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={draft.useContext}
          onChange={(event) => change({ useContext: event.target.checked })}
        />
        Write with the context of what was last seen
      </label>
      <code className="max-w-20 truncate font-mono text-muted" title={draft.context}>
        {draft.context}
      </code>
      <CopyButton text={draft.context} label="Copy the context" />
      <p className="w-full text-muted">
        {draft.useContext
          ? 'It replaces exactly what was seen; what was not seen stays beside it as a sibling.'
          : 'It replaces all that a quorum holds at that moment.'}
      </p>
    </div>
  );
}

const levels: readonly { readonly value: Level; readonly label: string; readonly hint: string }[] = [
  { value: 'one', label: 'one', hint: 'One replica answers: fastest, weakest' },
  { value: 'quorum', label: 'quorum', hint: 'A majority of the replicas answers' },
  { value: 'all', label: 'all', hint: 'Every replica answers' },
  { value: 'count', label: 'r / w', hint: 'A number of replicas that you choose' },
];

function Options({ draft, errors, change }: OptionsProps) {
  return (
    <>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <div className="flex flex-col gap-1">
          <span className="text-12 text-muted">Replicas that must answer</span>
          <Segmented
            label="Level"
            value={draft.level}
            options={levels}
            onChange={(level) => change({ level })}
          />
        </div>
        {draft.level === 'count' ? (
          <Field id="count" label="r or w" error={errors.count} className="w-20">
            <Input
              id="count"
              inputMode="numeric"
              value={draft.count}
              aria-invalid={errors.count !== undefined}
              onChange={(event) => change({ count: event.target.value })}
            />
          </Field>
        ) : null}
        <Through draft={draft} change={change} />
      </div>
      <details className="text-13">
        <summary className="w-fit text-12 text-muted hover:text-text">
          Time to live, time-out, request id
        </summary>
        <div className="grid gap-3 pt-2 sm:grid-cols-3">
          <Extra
            id="ttl"
            label="Lives for, s"
            hint="Writes only; empty: for ever"
            draft={draft}
            errors={errors}
            change={change}
          />
          <Extra
            id="timeout"
            label="Wait at most, ms"
            hint="Empty: 3,000 ms"
            draft={draft}
            errors={errors}
            change={change}
          />
          <Extra
            id="requestId"
            label="Request id"
            hint="A retry under it is not applied again"
            draft={draft}
            errors={errors}
            change={change}
          />
        </div>
      </details>
    </>
  );
}

function Through({ draft, change }: Omit<OptionsProps, 'errors'>) {
  const nodes = useNodes();
  return (
    <Field id="through" label="Through" className="min-w-36">
      <Select
        id="through"
        value={draft.through ?? ''}
        onChange={(event) => change({ through: event.target.value === '' ? null : event.target.value })}
      >
        <option value="">any node</option>
        {nodes.map((node) => (
          <option key={node.nodeId} value={node.nodeId}>
            {node.liveness === 'alive' ? node.nodeId : `${node.nodeId} (${node.liveness})`}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface ExtraProps extends OptionsProps {
  readonly id: 'ttl' | 'timeout' | 'requestId';
  readonly label: string;
  readonly hint: string;
}

function Extra({ id, label, hint, draft, errors, change }: ExtraProps) {
  return (
    <Field id={id} label={label} hint={hint} error={errors[id]}>
      <Input
        id={id}
        inputMode={id === 'requestId' ? 'text' : 'numeric'}
        value={draft[id]}
        aria-invalid={errors[id] !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => change({ [id]: event.target.value })}
      />
    </Field>
  );
}
