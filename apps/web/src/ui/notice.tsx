import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

const tones = {
  neutral: 'border-line bg-sunken text-text',
  ok: 'border-ok/40 bg-ok-soft text-text',
  warn: 'border-warn/40 bg-warn-soft text-text',
  bad: 'border-bad/40 bg-bad-soft text-text',
  info: 'border-info/40 bg-info-soft text-text',
} as const;

interface NoticeProps extends Omit<ComponentProps<'div'>, 'title'> {
  readonly tone?: keyof typeof tones;
  readonly title: ReactNode;
}

/** Something the reader should know here: what is so, since when, what to do. */
export function Notice({ tone = 'neutral', title, className, children, ...props }: NoticeProps) {
  return (
    <div className={cn('rounded-md border px-3 py-2 text-13', tones[tone], className)} {...props}>
      <p className="font-medium">{title}</p>
      {children === undefined ? null : <div className="mt-1 text-muted">{children}</div>}
    </div>
  );
}

/** A command to type, set as such, that can be copied by selecting it. */
export function Command(props: { readonly children: string }) {
  return (
    <code className="block w-fit max-w-full overflow-x-auto whitespace-pre rounded-md bg-sunken px-2 py-1 font-mono text-12 text-text">
      {props.children}
    </code>
  );
}
