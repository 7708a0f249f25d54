import { z } from 'zod';
import { apiLimits } from './limits.ts';
import { isWellFormed, utf8Length } from './text.ts';

/** The input fields that several operations share. Limits on text that is stored are in UTF-8 bytes. */

/** What is wrong with `key`, or null. */
export function keyProblem(key: string): string | null {
  if (key.length === 0) return 'a key must not be empty';
  // Each UTF-16 unit becomes at most 3 bytes, so most keys need no count.
  if (key.length * 3 > apiLimits.keyBytesMax && utf8Length(key) > apiLimits.keyBytesMax) {
    return `a key must not be longer than ${apiLimits.keyBytesMax} bytes`;
  }
  return isWellFormed(key) ? null : 'a key must be well-formed: it has half of a surrogate pair';
}

export const keySchema = z
  .string()
  .superRefine((key, context) => {
    const problem = keyProblem(key);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    id: 'Key',
    description: 'Well-formed UTF-8 of 1 to 1024 bytes; slashes, spaces and dots are allowed.',
  });

export const prefixSchema = z
  .string()
  .superRefine((prefix, context) => {
    const problem = prefix === '' ? null : keyProblem(prefix);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .describe('Only keys that begin so; empty for all.');

const contextPattern = /^[A-Za-z0-9_-]+$/;

export const contextSchema = z.string().min(1).max(apiLimits.contextCharsMax).regex(contextPattern).meta({
  id: 'Context',
  description: 'Opaque token for what its holder has seen of one key. Give it back when writing.',
});

const requestIdPattern = /^[\x21-\x7e]+$/;

/** True for a request id a client may choose: 1 to 128 visible ASCII characters. */
export function isRequestId(text: string): boolean {
  return text.length <= apiLimits.requestIdCharsMax && requestIdPattern.test(text);
}

export const requestIdSchema = z
  .string()
  .max(apiLimits.requestIdCharsMax)
  .regex(requestIdPattern)
  .describe('Names this request for ever: a retry under the same id is not applied again.');

export const batchRequestIdSchema = z
  .string()
  .max(apiLimits.batchRequestIdCharsMax)
  .regex(requestIdPattern)
  .describe('As for a single write; each item is applied under this id and its index.');

export const consistencySchema = z
  .enum(['one', 'quorum', 'all'])
  .meta({ id: 'Consistency', description: 'How many replicas must answer. Default: quorum.' });

const replicaCount = z.int().min(1).max(apiLimits.replicasMax);

/** Fields of a read; `consistency` and `r` exclude each other. */
export const readFields = {
  consistency: consistencySchema.optional(),
  r: replicaCount.optional().describe('Replicas that must answer this read, 1 to N; instead of consistency.'),
  explain: z.boolean().optional().describe('Tell which replicas were asked and what each said.'),
  timeoutMs: z
    .int()
    .min(1)
    .max(apiLimits.requestDeadlineMsMax)
    .optional()
    .describe('Milliseconds the caller waits; default 3000.'),
};

/** Fields of a write; `consistency` and `w` exclude each other. */
export const writeFields = {
  consistency: consistencySchema.optional(),
  w: replicaCount
    .optional()
    .describe('Replicas that must hold this write durably, 1 to N; instead of consistency.'),
  explain: readFields.explain,
  timeoutMs: readFields.timeoutMs,
};

export const ttlSecondsSchema = z
  .int()
  .min(1)
  .max(apiLimits.ttlSecondsMax)
  .describe('The value is no longer returned after so many seconds. Default: never.');

const cursorPattern = /^[A-Za-z0-9_-]+$/;

export const cursorSchema = z
  .string()
  .min(1)
  .max(apiLimits.cursorCharsMax)
  .regex(cursorPattern)
  .describe('Opaque: the `cursor` of the page before.');

/** A level named twice, once as a word and once as a number, would leave open which is meant. */
export function levelIsNamedOnce(input: {
  readonly consistency?: unknown;
  readonly r?: unknown;
  readonly w?: unknown;
}): boolean {
  return input.consistency === undefined || (input.r === undefined && input.w === undefined);
}

export const levelNamedTwice = {
  message: 'give either consistency or an explicit count',
  path: ['consistency'],
};

/** Strong entity tags (RFC 9110, §8.8.3) with commas between them. */
const etagsPattern = /^"[\x21\x23-\x7e]*"([ \t]*,[ \t]*"[\x21\x23-\x7e]*")*$/;

/** The entity tags in an `If-Match`, quotes included; null if it is `*`, or what it names is no strong tag. */
export function etagsIn(ifMatch: string): readonly string[] | null {
  return etagsPattern.test(ifMatch) ? (ifMatch.match(/"[^"]*"/g) ?? []) : null;
}

export const ifMatchSchema = z
  .string()
  .max(apiLimits.conditionCharsMax)
  .refine(
    (text) =>
      text === '*' || (etagsIn(text)?.length ?? Number.POSITIVE_INFINITY) <= apiLimits.conditionEtagsMax,
    `an entity tag with its quotes, ${apiLimits.conditionEtagsMax} at most with commas between them, or *`,
  )
  .describe(
    'Write only if the value has this entity tag (one of several), or with * only if there is a value.',
  );

export const ifNoneMatchSchema = z.literal('*').describe('Write only if there is no value.');

/** Fields of a write that name its condition. */
export const conditionFields = {
  ifMatch: ifMatchSchema.optional(),
  ifNoneMatch: ifNoneMatchSchema.optional(),
};

/** A condition is judged by a majority; what a weaker level would promise of it is nothing. */
export function conditionFits(input: {
  readonly ifMatch?: unknown;
  readonly ifNoneMatch?: unknown;
  readonly consistency?: unknown;
  readonly w?: unknown;
}): boolean {
  if (input.ifMatch === undefined && input.ifNoneMatch === undefined) return true;
  const level = input.w === undefined && input.consistency !== 'one';
  return level && (input.ifMatch === undefined || input.ifNoneMatch === undefined);
}

export const conditionUnfit = {
  message: 'one condition, with consistency quorum (the default) or all',
  path: ['ifMatch'],
};

/** Milliseconds since 1970 by the wall clock of whoever reports. */
export const timeSchema = z.number().describe('Milliseconds since 1970.');

export const nodeIdSchema = z.string().meta({ id: 'NodeId', description: '1 to 64 of [a-z0-9._-].' });
