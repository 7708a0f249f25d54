/** Every bound of the client: name, value, unit (last word of the name or the word before `Max`), reason. */
export const clientLimits = {
  /** Time for a call with all its attempts, in ms, unless the caller says otherwise: three default deadlines of a node. */
  timeoutMs: 10_000,
  /** Time for one attempt, in ms: a node's own default deadline and the way there and back. Then another is asked. */
  attemptMs: 4000,
  /** Attempts of one call. */
  attemptsMax: 8,
  /** Writes that one `update` tries: each was refused because another client has written, so that many have got through. */
  updateAttemptsMax: 1000,
  /** First wait before an endpoint that was already asked is asked again, in ms. */
  retryMsMin: 20,
  /** Longest such wait, in ms. */
  retryMsMax: 1000,
  /** First time that an endpoint which failed is asked last, in ms. */
  restMsMin: 250,
  /** Longest such time, in ms: a node that comes back is used again soon. */
  restMsMax: 5000,
  /** Retries saved up: a burst of them passes, an outage does not multiply the load (SRE book, ch. 22). */
  retryTokensMax: 50,
  /** Part of a retry that each success earns: in the long run at most a fifth of all attempts are retries. */
  retryTokensPerSuccess: 0.25,
  /** Batches of one call under way at a time. */
  batchesInFlightMax: 4,
  /** Keys whose contexts a session remembers; the one used longest ago is forgotten first. */
  sessionKeysMax: 10_000,
} as const;
