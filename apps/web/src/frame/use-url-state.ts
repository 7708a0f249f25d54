'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

export type UrlChange = Readonly<Record<string, string | null>>;

/** The address of this page with some parameters changed; null takes one away. */
export function changedSearch(search: string, change: UrlChange): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * State that belongs in the page's address: it can be shared, and Back undoes it. `keep: true` changes the address in
 * place, for what a person types letter by letter.
 */
export function useUrlState() {
  const search = useSearchParams();
  const path = usePathname();
  const change = useCallback(
    (patch: UrlChange, options: { readonly keep?: boolean } = {}) => {
      const url = `${path}${changedSearch(window.location.search, patch)}`;
      if (url === `${window.location.pathname}${window.location.search}`) return;
      if (options.keep === true) window.history.replaceState(null, '', url);
      else window.history.pushState(null, '', url);
    },
    [path],
  );
  return [search, change] as const;
}
