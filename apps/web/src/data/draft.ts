import { apiLimits, type JsonValue, jsonTextProblem, keyProblem, utf8Length } from '@starling/api-types';
import type { DataRequest, Level, Operation } from './request.ts';

/** What a person has typed, before it is a request. Numbers stay text until they are judged. */
export interface Draft {
  readonly key: string;
  readonly value: string;
  /** Token of what this tab last saw of the key; null when it has seen nothing. */
  readonly context: string | null;
  /** Writes say what was seen: they replace exactly that. */
  readonly useContext: boolean;
  readonly level: Level;
  /** Replicas for the level `count`. */
  readonly count: string;
  readonly ttl: string;
  readonly timeout: string;
  readonly requestId: string;
  /** The node that must take the request; null leaves it to the console. */
  readonly through: string | null;
}

export const emptyDraft: Draft = {
  key: '',
  value: '',
  context: null,
  useContext: true,
  level: 'quorum',
  count: '2',
  ttl: '',
  timeout: '',
  requestId: '',
  through: null,
};

export type DraftErrors = Partial<
  Record<'key' | 'value' | 'count' | 'ttl' | 'timeout' | 'requestId', string>
>;

export type Judged =
  | { readonly ok: true; readonly request: DataRequest }
  | { readonly ok: false; readonly errors: DraftErrors };

/** The JSON in the editor, or where it is wrong. Bounds are the contract's, so a node refuses the same. */
export function readValue(text: string): { readonly value: JsonValue } | { readonly error: string } {
  if (text.trim() === '') return { error: 'a value is needed: any JSON, such as "text", 42 or {"a": 1}' };
  const problem = jsonTextProblem(text, apiLimits.jsonDepthMax);
  if (problem !== null) return { error: problem };
  try {
    const value: JsonValue = JSON.parse(text);
    const bytes = utf8Length(JSON.stringify(value));
    if (bytes > apiLimits.valueBytesMax)
      return { error: `${bytes} bytes: the bound is ${apiLimits.valueBytesMax}` };
    return { value };
  } catch (error) {
    return { error: error instanceof SyntaxError ? `not JSON: ${lowerFirst(error.message)}` : 'not JSON' };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Turns the draft into a request of the given kind, or says at each field what is wrong with it. */
export function judge(draft: Draft, operation: Operation): Judged {
  const errors: Record<string, string> = {};
  const key = draft.key === '' ? 'a key is needed' : keyProblem(draft.key);
  if (key !== null) errors['key'] = key;
  const read = operation === 'put' ? readValue(draft.value) : { value: null };
  if ('error' in read) errors['value'] = read.error;
  const count = whole(draft.level === 'count' ? draft.count : '', apiLimits.replicasMax, 'count', errors);
  const ttl = whole(operation === 'put' ? draft.ttl : '', apiLimits.ttlSecondsMax, 'ttl', errors);
  const timeout = whole(draft.timeout, apiLimits.requestDeadlineMsMax, 'timeout', errors);
  const requestId = operation === 'get' ? '' : draft.requestId;
  if (requestId !== '' && !/^[\x21-\x7e]{1,128}$/.test(requestId)) {
    errors['requestId'] = '1 to 128 visible ASCII characters';
  }
  if (draft.level === 'count' && count === undefined) errors['count'] ??= 'a count is needed';
  if ('error' in read || Object.keys(errors).length > 0) return { ok: false, errors };
  const common = {
    key: draft.key,
    explain: true,
    ...(draft.level === 'count' ? {} : { consistency: draft.level }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  };
  if (operation === 'get') {
    return {
      ok: true,
      request: { operation, input: { ...common, ...(count === undefined ? {} : { r: count }) } },
    };
  }
  const write = {
    ...common,
    ...(count === undefined ? {} : { w: count }),
    ...(draft.useContext && draft.context !== null ? { context: draft.context } : {}),
    ...(requestId === '' ? {} : { requestId }),
  };
  if (operation === 'delete') return { ok: true, request: { operation, input: write } };
  const input = { ...write, value: read.value, ...(ttl === undefined ? {} : { ttlSeconds: ttl }) };
  return { ok: true, request: { operation, input } };
}

/** A whole number from 1, or undefined for an empty field; otherwise says what is wrong. */
function whole(text: string, max: number, field: string, errors: Record<string, string>): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  errors[field] = `a whole number from 1 to ${max}`;
  return undefined;
}
