import type { Result } from './errors.ts';
import type { InputOf, OutputOf, ProcedureId } from './operations/index.ts';

/** What is known of a call besides its input. */
export interface CallInfo {
  /** Names the call in answers and logs. */
  readonly requestId: string;
  /** Aborted when the caller has gone: work for it can stop. */
  readonly signal?: AbortSignal | undefined;
}

/** A node as tRPC and the generic REST route see it. Operating errors are values; it throws only for bugs. */
export interface NodeService {
  call<Id extends ProcedureId>(id: Id, input: InputOf<Id>, info: CallInfo): Promise<Result<OutputOf<Id>>>;
}
