import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

const box =
  'w-full rounded-md border border-line-strong bg-background px-2 text-13 text-text placeholder:text-muted/80 focus-visible:outline-offset-0 aria-[invalid=true]:border-bad';

interface FieldProps {
  readonly id: string;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A label, its control, and below it what is wrong or what is meant. The control points to `${id}-note`. */
export function Field({ id, label, hint, error, className, children }: FieldProps) {
  const note = error ?? hint;
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-12 text-muted">
        {label}
      </label>
      {children}
      {note === undefined ? null : (
        <p
          id={`${id}-note`}
          role={error === undefined ? undefined : 'alert'}
          className={cn('text-12', error === undefined ? 'text-muted' : 'text-bad')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-8', className)} autoComplete="off" spellCheck={false} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return (
    <textarea
      className={cn(box, 'min-h-24 resize-y py-1.5 font-mono', className)}
      spellCheck={false}
      {...props}
    />
  );
}

export function Select({ className, ...props }: ComponentProps<'select'>) {
  return <select className={cn(box, 'h-8 pr-6', className)} {...props} />;
}
