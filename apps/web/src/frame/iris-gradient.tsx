/** The iridescence that only the brand and the live ring wear; drawn with `url(#id)`. */
export function IrisGradient({ id }: { readonly id: string }) {
  return (
    <linearGradient id={id} x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stopColor="var(--iris-1)" />
      <stop offset="0.55" stopColor="var(--iris-2)" />
      <stop offset="1" stopColor="var(--iris-3)" />
    </linearGradient>
  );
}
