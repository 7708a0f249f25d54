'use client';

import { type ReactNode, Suspense } from 'react';
import { LiveProvider } from '../live/live-provider.tsx';
import { RequestsProvider } from '../rpc/requests-provider.tsx';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { Frame } from './frame.tsx';

/** What all pages share: the live view, requests to nodes, and the frame. */
export function Console(props: { readonly nodes: readonly string[]; readonly children: ReactNode }) {
  return (
    <LiveProvider nodes={props.nodes}>
      <RequestsProvider>
        <TooltipProvider delayDuration={300}>
          <Suspense>
            <Frame>{props.children}</Frame>
          </Suspense>
        </TooltipProvider>
      </RequestsProvider>
    </LiveProvider>
  );
}
