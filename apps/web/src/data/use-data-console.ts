'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useUrlText } from '../frame/use-url-text.ts';
import { problemOf } from '../rpc/problem.ts';
import { useTRPCClient } from '../rpc/trpc.ts';
import { type Draft, type DraftErrors, emptyDraft, judge } from './draft.ts';
import {
  contextOf,
  type DataAnswer,
  type DataRequest,
  type Operation,
  type RequestRecord,
} from './request.ts';
import { tabRequests } from './tab-requests.ts';

const none: readonly RequestRecord[] = [];

/** The requests made in this tab, newest first. */
export function useTabRequests(): readonly RequestRecord[] {
  return useSyncExternalStore(tabRequests.subscribe, tabRequests.all, () => none);
}

type Client = ReturnType<typeof useTRPCClient>;

async function send(rpc: Client, request: DataRequest, through: string | null): Promise<DataAnswer> {
  const options = { context: { through, patienceMs: request.input.timeoutMs ?? null } };
  try {
    switch (request.operation) {
      case 'get':
        return { kind: 'entry', entry: await rpc.data.get.query(request.input, options) };
      case 'put':
        return { kind: 'written', written: await rpc.data.put.mutate(request.input, options) };
      case 'delete':
        return { kind: 'deleted', deleted: await rpc.data.delete.mutate(request.input, options) };
      default:
        return request satisfies never;
    }
  } catch (error) {
    return { kind: 'problem', problem: problemOf(error) };
  }
}

/** What the last answer showed of one key. */
interface Seen {
  readonly key: string;
  readonly context: string | null;
}

/** The state of the Keys page: what is typed, what was asked last, and how to ask. */
export function useDataConsole() {
  const rpc = useTRPCClient();
  const queries = useQueryClient();
  const keyText = useUrlText('key');
  const [fields, setFields] = useState<Draft>(emptyDraft);
  const [errors, setErrors] = useState<DraftErrors>({});
  const [seen, setSeen] = useState<Seen | null>(null);
  const [shownId, setShownId] = useState<number | null>(null);
  const edited = useRef(false);
  const records = useTabRequests();
  const key = keyText.text;
  const draft: Draft = { ...fields, key, context: seen?.key === key ? seen.context : null };

  const change = useCallback((patch: Partial<Draft>) => {
    if (patch.value !== undefined) edited.current = true;
    setFields((before) => ({ ...before, ...patch }));
    setErrors({});
  }, []);

  const settle = (id: number, answer: DataAnswer, request: DataRequest, tookMs: number) => {
    tabRequests.end(id, answer, tookMs);
    // A problem that shows nothing of the key leaves what was seen before.
    const context = contextOf(answer);
    if (context !== null) setSeen({ key: request.input.key, context });
    if (answer.kind === 'entry' && !edited.current) {
      setFields((before) => ({ ...before, value: JSON.stringify(answer.entry.value, null, 2) }));
    }
    if (answer.kind === 'written') edited.current = false;
    if (request.operation !== 'get') void queries.invalidateQueries({ queryKey: ['keys'] });
  };

  const run = async (operation: Operation, patch: Partial<Draft> = {}) => {
    const judged = judge({ ...draft, ...patch }, operation);
    setErrors(judged.ok ? {} : judged.errors);
    if (!judged.ok) return;
    const { through } = draft;
    const id = tabRequests.begin(judged.request, through, Date.now());
    setShownId(id);
    const begun = performance.now();
    const answer = await send(rpc, judged.request, through);
    settle(id, answer, judged.request, performance.now() - begun);
  };

  /** Goes to a key and reads it; what was typed for another key is let go. */
  const open = (next: string) => {
    edited.current = false;
    keyText.choose(next);
    void run('get', { key: next });
  };

  useOpenFromAddress(keyText.inAddress, key, open);
  const shown = records.find((record) => record.id === shownId) ?? null;
  const busy = shown !== null && shown.answer === null;
  return {
    draft,
    errors,
    change,
    setKey: keyText.setText,
    run,
    open,
    shown,
    show: setShownId,
    busy,
    records,
  };
}

export type DataConsole = ReturnType<typeof useDataConsole>;

/** A key that comes with the address, from a link or the palette, is read; one that is being typed is not. */
function useOpenFromAddress(inAddress: string, typed: string, open: (key: string) => void): void {
  const opened = useRef<string | null>(null);
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    if (opened.current === inAddress) return;
    const first = opened.current === null;
    opened.current = inAddress;
    // Typed text reaches the address too; then both are equal, except at the very first.
    if (inAddress !== '' && (first || inAddress !== typed)) latest.current(inAddress);
  }, [inAddress, typed]);
}
