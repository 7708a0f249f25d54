'use client';

import type { ReactNode } from 'react';
import { Inspector } from '../inspector/inspector.tsx';
import { useSelection } from '../inspector/selection.ts';
import { cn } from '../ui/cn.ts';
import { HealthAnnouncer } from './health-line.tsx';
import { NavigationList } from './navigation.tsx';
import { StreamNotice } from './stream-notice.tsx';
import { TopBar } from './top-bar.tsx';
import { useNavigation } from './use-preferences.ts';

/** Navigation on the left, the page, and at the right what is inspected, so that a click never loses the page. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const [selection] = useSelection();
  const narrow = useNavigation() === 'narrow';
  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-raised px-3 py-1.5 shadow-raised focus:translate-y-0"
      >
        Skip to the page
      </a>
      <HealthAnnouncer />
      <TopBar />
      <div className="flex min-h-[calc(100dvh-3rem)] items-stretch">
        {/* Widths come from the root's attribute, which stands before the first paint; this state only follows. */}
        <aside
          aria-label="Navigation"
          className="sticky top-12 hidden h-[calc(100dvh-3rem)] w-(--navigation-width) shrink-0 overflow-y-auto overflow-x-hidden border-line border-r md:block"
        >
          <NavigationList narrow={narrow} />
        </aside>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <StreamNotice />
          <div
            className={cn(
              'mx-auto w-full max-w-[180rem] p-3 sm:p-4',
              selection !== null && 'pb-[60dvh] xl:pb-4',
            )}
          >
            {children}
          </div>
        </main>
        <Inspector />
      </div>
    </>
  );
}
