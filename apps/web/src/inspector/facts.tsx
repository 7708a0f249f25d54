import type { ReactNode } from 'react';

/** Names and what stands for them, in two columns. */
export function Facts(props: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-13">{props.children}</dl>;
}

export function Fact(props: { readonly name: string; readonly hint?: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted" title={props.hint}>
        {props.name}
      </dt>
      <dd className="num min-w-0 break-words text-right">{props.children}</dd>
    </>
  );
}

/** A part of the inspector under its own small heading. */
export function Part(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-12 text-muted">{props.title}</h3>
      {props.children}
    </section>
  );
}
