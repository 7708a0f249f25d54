import type { ReactNode, Ref } from 'react';
import { cn } from './cn.ts';

interface ScrollAreaProps {
  readonly label: string;
  readonly ref?: Ref<HTMLElement>;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A part that scrolls by itself. It takes focus, so that arrow keys can scroll it too. */
export function ScrollArea({ label, ref, className, children }: ScrollAreaProps) {
  return (
    <section
      ref={ref}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      className={cn('relative overflow-auto focus-visible:outline-offset-[-2px]', className)}
    >
      {children}
    </section>
  );
}
