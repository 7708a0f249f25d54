'use client';

import { X } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Button } from '../ui/button.tsx';
import { KeyInspector } from './key-inspector.tsx';
import { NodeInspector } from './node-inspector.tsx';
import { type Selection, useSelection } from './selection.ts';
import { VnodeInspector } from './vnode-inspector.tsx';

/** What is selected, beside the page; on a narrow screen, over its lower part. Escape closes it. */
export function Inspector() {
  const [selection, inspect] = useSelection();
  useEffect(() => {
    if (selection === null) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) inspect(null);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [selection, inspect]);
  if (selection === null) return null;
  return (
    <aside
      aria-label="Inspector"
      className="fixed inset-x-0 bottom-0 z-20 max-h-[58dvh] shrink-0 overflow-y-auto border-line border-t bg-surface shadow-raised xl:sticky xl:top-12 xl:h-[calc(100dvh-3rem)] xl:max-h-none xl:w-80 xl:border-t-0 xl:border-l xl:shadow-none"
    >
      <div className="sticky top-0 z-10 flex h-11 items-center gap-2 border-line border-b bg-surface pr-1.5 pl-3">
        <h2 className="min-w-0 truncate text-13 font-medium">{titleOf(selection)}</h2>
        <Button
          variant="ghost"
          size="iconSm"
          className="ml-auto"
          aria-label="Close the inspector"
          onClick={() => inspect(null)}
        >
          <X aria-hidden="true" />
        </Button>
      </div>
      <div className="flex flex-col gap-4 p-3">
        <Content selection={selection} />
      </div>
    </aside>
  );
}

function titleOf(selection: Selection): ReactNode {
  switch (selection.kind) {
    case 'node':
      return 'Node';
    case 'vnode':
      return 'Vnode';
    case 'key':
      return 'Key';
    default:
      return selection satisfies never;
  }
}

function Content({ selection }: { readonly selection: Selection }) {
  switch (selection.kind) {
    case 'node':
      return <NodeInspector key={selection.nodeId} nodeId={selection.nodeId} />;
    case 'vnode':
      return <VnodeInspector token={selection.token} />;
    case 'key':
      return <KeyInspector keyName={selection.key} />;
    default:
      return selection satisfies never;
  }
}
