import type { DataAnswer, DataRequest, RequestRecord } from './request.ts';

/** Requests remembered of this tab. */
export const requestsKept = 100;

/** The requests made in this tab, newest first. They are kept while the tab lives, also when another page is shown. */
export class TabRequests {
  private records: readonly RequestRecord[] = [];
  private readonly listeners = new Set<() => void>();
  private nextId = 1;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly all = (): readonly RequestRecord[] => this.records;

  begin(request: DataRequest, through: string | null, at: number): number {
    const id = this.nextId;
    this.nextId += 1;
    const record: RequestRecord = { id, at, request, through, tookMs: null, answer: null };
    this.replace([record, ...this.records].slice(0, requestsKept));
    return id;
  }

  end(id: number, answer: DataAnswer, tookMs: number): void {
    this.replace(this.records.map((record) => (record.id === id ? { ...record, answer, tookMs } : record)));
  }

  clear(): void {
    this.replace(this.records.filter((record) => record.answer === null));
  }

  private replace(records: readonly RequestRecord[]): void {
    this.records = records;
    for (const listener of this.listeners) listener();
  }
}

/** Of this tab; on the server it stays empty. */
export const tabRequests = new TabRequests();
