import { CircleCheck, CircleHelp, CircleX, LoaderCircle, Search } from 'lucide-react';
import { cn } from '../ui/cn.ts';
import { type DataAnswer, isFailure } from './request.ts';

interface Look {
  readonly Icon: typeof CircleCheck;
  readonly word: string;
  readonly colour: string;
  readonly hint: string;
}

function lookOf(answer: DataAnswer | null): Look {
  if (answer === null) {
    return { Icon: LoaderCircle, word: 'under way', colour: 'text-muted', hint: 'No answer has come yet' };
  }
  if (answer.kind !== 'problem') {
    return { Icon: CircleCheck, word: 'ok', colour: 'text-ok', hint: 'It was done' };
  }
  if (!isFailure(answer)) {
    return { Icon: Search, word: 'not found', colour: 'text-info', hint: 'The key has no value' };
  }
  if (answer.problem.outcome === 'failed') {
    return { Icon: CircleX, word: 'failed', colour: 'text-bad', hint: 'Provably nothing happened' };
  }
  return {
    Icon: CircleHelp,
    word: 'unknown',
    colour: 'text-warn',
    hint: 'It may have happened, or may still happen',
  };
}

/** How a request ended: ok, not found, failed without any effect, or nobody can say. */
export function OutcomeBadge({ answer }: { readonly answer: DataAnswer | null }) {
  const { Icon, word, colour, hint } = lookOf(answer);
  return (
    <span className={cn('inline-flex items-center gap-1.5 align-middle font-medium', colour)} title={hint}>
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      {word}
    </span>
  );
}
