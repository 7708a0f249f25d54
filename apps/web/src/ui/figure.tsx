import { type Quantity, textOf } from '../format/quantity.ts';
import { cn } from './cn.ts';

/** A quantity with its unit set back; tabular, so that columns of them line up. */
export function Figure(props: { readonly of: Quantity; readonly className?: string }) {
  const { figure, unit } = props.of;
  if (figure === '–') {
    return (
      <span className={cn('text-muted', props.className)}>
        <span aria-hidden="true">–</span>
        <span className="sr-only">not measured</span>
      </span>
    );
  }
  return (
    <span className={cn('num whitespace-nowrap', props.className)} title={textOf(props.of)}>
      {figure}
      {unit === '' ? null : <span className="text-muted">{`\u202f${unit}`}</span>}
    </span>
  );
}
