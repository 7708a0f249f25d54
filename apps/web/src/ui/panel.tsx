import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

interface PanelProps extends Omit<ComponentProps<'section'>, 'title'> {
  readonly title: ReactNode;
  /** Id of the heading, by which the section is named. */
  readonly headingId: string;
  /** Shown beside the heading: what is counted, a filter, an action. */
  readonly aside?: ReactNode;
}

/** One subject of a page: a heading and what belongs to it. */
export function Panel({ title, headingId, aside, className, children, ...props }: PanelProps) {
  return (
    <section
      aria-labelledby={headingId}
      className={cn('min-w-0 rounded-lg border border-line bg-surface', className)}
      {...props}
    >
      <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
        <h2 id={headingId} className="text-13 font-medium">
          {title}
        </h2>
        {aside === undefined ? null : (
          <div className="ml-auto flex items-center gap-2 text-12 text-muted">{aside}</div>
        )}
      </header>
      {children}
    </section>
  );
}
