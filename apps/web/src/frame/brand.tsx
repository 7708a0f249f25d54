import { useId } from 'react';
import { IrisGradient } from './iris-gradient.tsx';

/** A flock in a ring: three birds on one circle, in the iridescence that only this and the live ring wear. */
export function BrandGlyph(props: { readonly className?: string }) {
  const gradient = useId();
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={props.className}>
      <defs>
        <IrisGradient id={gradient} />
      </defs>
      <circle
        cx="12"
        cy="12"
        r="9"
        fill="none"
        stroke={`url(#${gradient})`}
        strokeWidth="2.5"
        strokeDasharray="14.35 4.5"
        strokeDashoffset="-2.25"
        strokeLinecap="round"
      />
      <path
        d="M7.5 13.2c2.2-.2 3.4-1 4.5-3 1.1 2 2.3 2.8 4.5 3-2 .4-3.3 1-4.5 2.6-1.2-1.6-2.5-2.2-4.5-2.6z"
        fill={`url(#${gradient})`}
      />
    </svg>
  );
}
