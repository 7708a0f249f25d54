import Link from 'next/link';
import { pages } from '../frame/pages.ts';

export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-md flex-col gap-3 p-8">
      <h1 className="text-20 font-medium">There is no such page</h1>
      <p className="text-muted">These are:</p>
      <ul className="flex flex-col gap-1">
        {pages.map((page) => (
          <li key={page.path}>
            <Link href={page.path} className="text-accent underline underline-offset-4">
              {page.title}
            </Link>
            <span className="text-muted">: {page.purpose}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}
