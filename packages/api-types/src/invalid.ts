import type { z } from 'zod';
import { type ApiError, type ApiErrorCode, failed } from './errors.ts';
import { apiLimits } from './limits.ts';

/** Fields whose faults have a code of their own. */
const codeOfField: Readonly<Record<string, ApiErrorCode>> = {
  key: 'invalid_key',
  keys: 'invalid_key',
  context: 'invalid_context',
};

/** Turns a schema's refusal into the contract's error: a code, one sentence, and where the faults are. */
export function invalidInput(error: z.ZodError): ApiError {
  const issues = error.issues.slice(0, apiLimits.issuesToldMax).map((issue) => ({
    path: pathText(issue.path),
    message: issue.message,
  }));
  const first = error.issues[0];
  const field = first === undefined ? undefined : fieldOf(first);
  const code =
    (field !== undefined && Object.hasOwn(codeOfField, field) && codeOfField[field]) || 'invalid_request';
  const told = issues[0];
  const message =
    told === undefined ? 'invalid request' : `${told.path === '' ? 'request' : told.path}: ${told.message}`;
  return failed(code, message, { issues });
}

/** The named field a fault is in: the last name on its path, indexes left out. */
function fieldOf(issue: { readonly path: readonly PropertyKey[] }): string | undefined {
  const names = issue.path.filter((part) => typeof part === 'string');
  return names.at(-1);
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}
