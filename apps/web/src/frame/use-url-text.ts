'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { useUrlState } from './use-url-state.ts';

/** Typing goes into the address after this pause. */
const settleMs = 200;

/**
 * A text that a person types and that belongs into the page's address. The field keeps its own state while it is
 * typed in; an address that is changed elsewhere, by Back or a link, is taken over.
 */
export function useUrlText(name: string) {
  const [search, change] = useUrlState();
  const inAddress = search.get(name) ?? '';
  const [text, setText] = useState(inAddress);
  const written = useRef(inAddress);
  useEffect(() => {
    if (inAddress === written.current) return;
    written.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (text === written.current) return;
    const timer = setTimeout(() => {
      written.current = text;
      change({ [name]: text }, { keep: true });
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text, name, change]);
  /** Sets it at once, as a step that Back undoes. */
  const choose = useCallback(
    (next: string) => {
      written.current = next;
      setText(next);
      change({ [name]: next });
    },
    [name, change],
  );
  return { text, setText, choose, inAddress } as const;
}
