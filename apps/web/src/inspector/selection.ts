'use client';

import { useCallback } from 'react';
import { useUrlState } from '../frame/use-url-state.ts';

/** The thing in the inspector. In the address it stands as `inspect=node:node-2`. */
export type Selection =
  | { readonly kind: 'node'; readonly nodeId: string }
  | { readonly kind: 'vnode'; readonly token: number }
  | { readonly kind: 'key'; readonly key: string };

export function selectionText(selection: Selection): string {
  switch (selection.kind) {
    case 'node':
      return `node:${selection.nodeId}`;
    case 'vnode':
      return `vnode:${selection.token}`;
    case 'key':
      return `key:${selection.key}`;
    default:
      return selection satisfies never;
  }
}

/** The selection an address names, or null where it names none. */
export function parseSelection(text: string | null): Selection | null {
  if (text === null) return null;
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  if (colon < 0 || rest === '') return null;
  switch (text.slice(0, colon)) {
    case 'node':
      return { kind: 'node', nodeId: rest };
    case 'vnode':
      return /^\d{1,5}$/.test(rest) ? { kind: 'vnode', token: Number(rest) } : null;
    case 'key':
      return { kind: 'key', key: rest };
    default:
      return null;
  }
}

/** What is inspected now, and how to inspect something else. */
export function useSelection() {
  const [search, change] = useUrlState();
  const selection = parseSelection(search.get('inspect'));
  const inspect = useCallback(
    (next: Selection | null) => change({ inspect: next === null ? null : selectionText(next) }),
    [change],
  );
  return [selection, inspect] as const;
}
