'use client';

import { AnswerPanel } from './answer-panel.tsx';
import { ExplainPanel } from './explain-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { KeyBrowser } from './key-browser.tsx';
import { RequestForm } from './request-form.tsx';
import { useDataConsole } from './use-data-console.ts';

/** Read and write keys, and see how it went. */
export function DataPage() {
  const console = useDataConsole();
  return (
    <div className="grid gap-3 sm:gap-4 lg:grid-cols-[14rem_minmax(0,1fr)] xl:grid-cols-[14rem_minmax(0,1fr)_minmax(0,1fr)] 3xl:grid-cols-[18rem_minmax(0,1fr)_minmax(0,1fr)]">
      <h1 className="sr-only">Keys</h1>
      <div className="min-w-0 lg:sticky lg:top-16 lg:row-span-3 lg:flex xl:row-span-2 lg:h-[calc(100dvh-5rem)] lg:flex-col lg:[&>*]:min-h-0 lg:[&>*]:flex-1">
        <KeyBrowser current={console.draft.key} onOpen={console.open} />
      </div>
      <div className="flex min-w-0 flex-col gap-3 sm:gap-4">
        <RequestForm console={console} />
        <AnswerPanel console={console} />
      </div>
      <div className="min-w-0 lg:col-start-2 xl:col-start-3">
        <ExplainPanel record={console.shown} />
      </div>
      <div className="min-w-0 lg:col-start-2 xl:col-span-2">
        <HistoryPanel console={console} />
      </div>
    </div>
  );
}
