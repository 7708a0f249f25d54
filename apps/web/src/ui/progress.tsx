import { cn } from './cn.ts';

interface ProgressProps {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
  /** A CSS colour. */
  readonly colour: string;
  readonly className?: string;
}

/** How much of a piece of work is done, as the length of a bar. */
export function Progress({ label, share, colour, className }: ProgressProps) {
  return (
    <progress
      aria-label={label}
      max={1}
      value={Math.min(1, Math.max(0, share))}
      className={cn('progress-bar', className)}
      style={{ color: colour }}
    />
  );
}
