import type { CallInputOf, Deleted, Entry, ErrorBody, ExplainReport, Written } from '@starling/api-types';
import { explainSchema } from '@starling/api-types';
import { z } from 'zod';

export type Operation = 'get' | 'put' | 'delete';
export type Level = 'one' | 'quorum' | 'all' | 'count';

/** One request of this tab, as it is sent. */
export type DataRequest =
  | { readonly operation: 'get'; readonly input: CallInputOf<'data.get'> }
  | { readonly operation: 'put'; readonly input: CallInputOf<'data.put'> }
  | { readonly operation: 'delete'; readonly input: CallInputOf<'data.delete'> };

export type DataAnswer =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'deleted'; readonly deleted: Deleted }
  | { readonly kind: 'problem'; readonly problem: ErrorBody };

/** A request that has been answered, or not. */
export interface RequestRecord {
  readonly id: number;
  /** By this browser's clock. */
  readonly at: number;
  readonly request: DataRequest;
  /** The node it had to go through; null: the console chose. */
  readonly through: string | null;
  /** From the press of the button to the answer in the page; null while it is under way. */
  readonly tookMs: number | null;
  readonly answer: DataAnswer | null;
}

/** The context of what an answer showed, for the next write; null where it showed nothing of the key. */
export function contextOf(answer: DataAnswer): string | null {
  switch (answer.kind) {
    case 'entry':
      return answer.entry.context;
    case 'written':
      return answer.written.context;
    case 'deleted':
      return answer.deleted.context;
    case 'problem':
      return text(answer.problem.details?.['context']);
    default:
      return answer satisfies never;
  }
}

/** How the request went from replica to replica; a failed one tells it too, where a node had begun on it. */
export function explainOf(answer: DataAnswer): ExplainReport | null {
  switch (answer.kind) {
    case 'entry':
      return answer.entry.explain ?? null;
    case 'written':
      return answer.written.explain ?? null;
    case 'deleted':
      return answer.deleted.explain ?? null;
    case 'problem':
      return explainSchema.safeParse(answer.problem.details?.['explain']).data ?? null;
    default:
      return answer satisfies never;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const shortfallSchema = z.object({
  phase: z.string().optional(),
  needed: z.number().optional(),
  answered: z.number().optional(),
  replicas: z.record(z.string(), z.string()).optional(),
  tried: z.array(z.string()).optional(),
  ringEpoch: z.number().optional(),
});

/** What was needed and what each replica said, from the details of an error. */
export type Shortfall = z.infer<typeof shortfallSchema>;

export function shortfallOf(problem: ErrorBody): Shortfall | null {
  const parsed = shortfallSchema.safeParse(problem.details ?? {});
  if (!parsed.success) return null;
  const { needed, replicas, tried } = parsed.data;
  return needed === undefined && replicas === undefined && tried === undefined ? null : parsed.data;
}

/** A read that found nothing is an answer, not a failure. */
export function isFailure(answer: DataAnswer): boolean {
  return answer.kind === 'problem' && answer.problem.code !== 'not_found';
}
