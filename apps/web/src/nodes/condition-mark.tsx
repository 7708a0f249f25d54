import type { ReactNode } from 'react';
import { cn } from '../ui/cn.ts';
import { type Condition, conditionColour, conditionMeaning } from './condition.ts';

const ring = <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />;

/** One shape per condition, so that colour is never all that tells them apart. */
const glyphs: Readonly<Record<Condition, ReactNode>> = {
  alive: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  suspect: (
    <>
      {ring}
      <path d="M6 1.75a4.25 4.25 0 0 0 0 8.5z" fill="currentColor" />
    </>
  ),
  dead: <path d="m2 2 8 8m0-8-8 8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  left: <path d="M2 6h8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  joining: (
    <>
      {ring}
      <path d="M6 6V1.75A4.25 4.25 0 0 1 10.25 6z" fill="currentColor" />
    </>
  ),
  leaving: (
    <>
      {ring}
      <path d="M6 6h4.25A4.25 4.25 0 1 1 6 1.75z" fill="currentColor" />
    </>
  ),
  recovering: (
    <path
      d="M10 6a4 4 0 1 1-1.2-2.85M9.4.8v2.6H6.8"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  unheard: (
    <circle
      cx="6"
      cy="6"
      r="4.25"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2 2.4"
    />
  ),
};

/** The glyph alone, for places where the word stands beside it or in a label. */
export function ConditionGlyph(props: { readonly condition: Condition; readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 12 12"
      aria-hidden="true"
      className={cn('size-3 shrink-0', conditionColour[props.condition], props.className)}
    >
      {glyphs[props.condition]}
    </svg>
  );
}

/** A condition with its glyph and its word. */
export function ConditionMark(props: { readonly condition: Condition }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-middle" title={conditionMeaning[props.condition]}>
      <ConditionGlyph condition={props.condition} />
      {props.condition}
    </span>
  );
}
