import type { z } from 'zod';
import type { ApiErrorCode } from './errors.ts';

/** How the text of a query parameter becomes a field. Never coerced: `r=2x`, `r=` and `r=1e0` are refused. */
export type QueryKind = 'text' | 'integer' | 'flag';

/** Where REST carries each field of an operation's input. A field in the braces of `path` is carried there. */
export interface RestBinding {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A field in braces, `{key}`, stands for the rest of the path, slashes included. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryKind>>;
  /** Field name to lower-case header name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the JSON body; absent when the operation takes none. */
  readonly body?: {
    readonly fields: readonly string[];
    readonly bytesMax: number;
    /** Levels of the body around a value: 1 for `{value}`, 3 for `{items: [{value}]}`. */
    readonly levels: number;
    /** A request without a body stands for `{}`. */
    readonly optional?: boolean;
    /** Read curl's default form type as JSON, so that `curl -d '{…}'` needs no header. */
    readonly formIsJson?: boolean;
  };
  /**
   * What goes over the wire besides JSON: `text` answers plain text, `bytes` takes and gives binary messages under
   * the cluster secret, `socket` upgrades to WebSocket.
   */
  readonly wire?: 'text' | 'bytes' | 'socket';
  /** The output carries the entity tag of its `ETag` header in `etag`. */
  readonly etag?: boolean;
}

/** A call worth showing: the document prints it, and the contract tests run it against every server. */
export interface Example<Input = unknown> {
  readonly name: string;
  readonly input: Input;
  /** The error it gives, when it is there to show one. */
  readonly error?: ApiErrorCode;
}

/** `query` and `mutation` are also served by tRPC under the operation's id; `none` only by HTTP. */
export type ProcedureKind = 'query' | 'mutation' | 'none';

/** One operation of the public contract, described once: routes, types, documents and tests are all derived from it. */
export interface Operation<
  Kind extends ProcedureKind = ProcedureKind,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly kind: Kind;
  readonly summary: string;
  readonly description?: string;
  readonly rest: RestBinding;
  readonly input: Input;
  readonly output: Output;
  /** Codes it can give besides those of the edge, which every operation can give. */
  readonly errors: readonly ApiErrorCode[];
  readonly examples: readonly Example<z.input<Input>>[];
}

/** Lets the compiler check an operation's examples against its own schema, and keeps its exact type. */
export function defineOperation<
  const Kind extends ProcedureKind,
  Input extends z.ZodType,
  Output extends z.ZodType,
>(operation: Operation<Kind, Input, Output>): Operation<Kind, Input, Output> {
  return operation;
}
