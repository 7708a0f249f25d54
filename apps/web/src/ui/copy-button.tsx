'use client';

import { Check, Copy, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';

const shownMs = 1500;

interface CopyButtonProps {
  readonly text: string | (() => string);
  readonly children?: ReactNode;
  /** Says what is copied; needed where there are no children. */
  readonly label?: string;
}

/** Copies text and says so; a browser may refuse, and that is said too. */
export function CopyButton({ text, children, label }: CopyButtonProps) {
  const [result, setResult] = useState<'copied' | 'refused' | null>(null);
  useEffect(() => {
    if (result === null) return;
    const timer = setTimeout(() => setResult(null), shownMs);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setResult('copied');
    } catch {
      // Outside a secure context, or without the permission, there is no clipboard.
      setResult('refused');
    }
  };
  const Icon = result === 'copied' ? Check : result === 'refused' ? TriangleAlert : Copy;
  const size = children === undefined ? 'iconSm' : 'sm';
  return (
    <Button variant="ghost" size={size} onClick={copy} aria-label={label} title={label}>
      <Icon aria-hidden="true" />
      {children}
      <span className="sr-only" role="status">
        {result === null ? '' : result === 'copied' ? 'Copied' : 'The browser refused to copy'}
      </span>
    </Button>
  );
}
