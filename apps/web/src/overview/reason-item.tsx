'use client';

import type { HealthReason } from '@starling/api-types';
import { CircleX, Info, TriangleAlert } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useSelection } from '../inspector/selection.ts';

const looks = {
  info: { Icon: Info, colour: 'text-info' },
  warning: { Icon: TriangleAlert, colour: 'text-warn' },
  critical: { Icon: CircleX, colour: 'text-bad' },
} as const;

/** One reason of the health verdict; pressing it shows the culprit. */
export function ReasonItem({ reason }: { readonly reason: HealthReason }) {
  const [, inspect] = useSelection();
  const router = useRouter();
  const { Icon, colour } = looks[reason.severity];
  const { subject } = reason;
  const show = () => {
    if (subject.kind === 'ring' || subject.kind === 'transfer') router.push('/ring');
    else inspect({ kind: 'node', nodeId: subject.id });
  };
  return (
    <li>
      <button
        type="button"
        onClick={show}
        className="flex w-full items-start gap-2 rounded-md px-2 py-1 text-left text-13 hover:bg-sunken"
      >
        <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${colour}`} />
        <span className="sr-only">{reason.severity}:</span>
        <span>{reason.message}</span>
      </button>
    </li>
  );
}
