'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { RotateCw } from 'lucide-react';
import { useRef } from 'react';
import { wholeText } from '../format/quantity.ts';
import { useUrlText } from '../frame/use-url-text.ts';
import { problemOf } from '../rpc/problem.ts';
import { useTRPCClient } from '../rpc/trpc.ts';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { Input } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollArea } from '../ui/scroll-area.tsx';

const rowPx = 32;
/** Keys asked for at a time. */
const pageKeys = 200;

interface KeyBrowserProps {
  readonly current: string;
  readonly onOpen: (key: string) => void;
}

function useKeys(prefix: string) {
  const rpc = useTRPCClient();
  return useInfiniteQuery({
    queryKey: ['keys', prefix],
    queryFn: ({ pageParam, signal }) => {
      const from = pageParam === null ? {} : { cursor: pageParam };
      return rpc.data.list.query(
        { limit: pageKeys, ...(prefix === '' ? {} : { prefix }), ...from },
        { signal },
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Keys in byte order, by prefix. Further pages come as the list is scrolled. */
export function KeyBrowser({ current, onOpen }: KeyBrowserProps) {
  const prefix = useUrlText('prefix');
  const list = useKeys(prefix.inAddress);
  const keys = list.data?.pages.flatMap((page) => page.keys) ?? [];
  return (
    <Panel
      title="Keys"
      headingId="keys"
      className="flex flex-col"
      aside={
        <>
          <span className="num" role="status">
            {list.isFetching ? 'asking…' : `${wholeText(keys.length)}${list.hasNextPage ? ' so far' : ''}`}
          </span>
          <Button variant="ghost" size="iconSm" aria-label="List again" onClick={() => list.refetch()}>
            <RotateCw aria-hidden="true" />
          </Button>
        </>
      }
    >
      <search className="px-3 pb-2">
        <Input
          type="search"
          aria-label="Keys that begin with"
          placeholder="Begins with"
          className="font-mono"
          value={prefix.text}
          onChange={(event) => prefix.setText(event.target.value)}
        />
      </search>
      {list.error === null ? null : (
        <Notice tone="bad" title={problemOf(list.error).code} className="mx-3 mb-3">
          {problemOf(list.error).message}
        </Notice>
      )}
      {keys.length === 0 && list.isSuccess ? (
        <p className="px-3 pb-3 text-muted">
          {prefix.inAddress === ''
            ? 'No key has a value yet. Write one, and it is listed here.'
            : 'No key begins so.'}
        </p>
      ) : (
        <KeyList
          keys={keys}
          current={current}
          onOpen={onOpen}
          onEnd={() => list.hasNextPage && void list.fetchNextPage()}
        />
      )}
    </Panel>
  );
}

interface KeyListProps extends KeyBrowserProps {
  readonly keys: readonly string[];
  /** The last key came into sight. */
  readonly onEnd: () => void;
}

function KeyList({ keys, current, onOpen, onEnd }: KeyListProps) {
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1);
      if (last !== undefined && last.index >= keys.length - 1) onEnd();
    },
  });
  return (
    <ScrollArea
      ref={scroller}
      label="Keys, scrollable"
      className="max-h-64 border-line border-t lg:max-h-none lg:min-h-64 lg:flex-1"
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const key = keys[item.index] ?? '';
          return (
            <li key={key} className="absolute inset-x-0" style={{ top: item.start, height: rowPx }}>
              <button
                type="button"
                title={key}
                aria-current={key === current}
                onClick={() => onOpen(key)}
                className={cn(
                  'block h-full w-full truncate px-3 text-left font-mono text-12 hover:bg-sunken focus-visible:outline-offset-[-2px]',
                  key === current && 'bg-accent-soft',
                )}
              >
                {key}
              </button>
            </li>
          );
        })}
      </ul>
    </ScrollArea>
  );
}
