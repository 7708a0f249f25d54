/** Judges histories, of simulated and of real processes alike. Everything else is imported by its path. */
export { checkRegisters, type KeyFinding } from './linearizability/check-keys.ts';
export { absent, type Operation, open } from './linearizability/history.ts';
export { timelineHtml, timelineText } from './linearizability/timeline.ts';
