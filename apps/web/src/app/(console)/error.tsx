'use client';

import { RotateCw } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';

/** A fault of the console itself: it is said, and the rest of the frame goes on. */
export default function ConsoleError(props: { readonly error: Error; readonly reset: () => void }) {
  return (
    <Notice tone="bad" title="This page met a fault of the console">
      <p className="mb-2 break-words font-mono text-12">{props.error.message}</p>
      <Button size="sm" onClick={props.reset}>
        <RotateCw aria-hidden="true" /> Show it again
      </Button>
    </Notice>
  );
}
