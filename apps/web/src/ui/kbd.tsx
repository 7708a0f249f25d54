/** A key of the keyboard. */
export function Kbd(props: { readonly children: string }) {
  return (
    <kbd className="rounded-sm border border-line-strong px-1 font-sans text-12 leading-4 text-muted">
      {props.children}
    </kbd>
  );
}
