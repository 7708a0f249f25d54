'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '../ui/cn.ts';
import { type Page, pageGroups } from './pages.ts';

interface NavigationProps {
  /** Only icons are shown; the names stay for screen readers and as hints. */
  readonly narrow: boolean;
  readonly onChoose?: () => void;
}

/** The pages by group. */
export function NavigationList({ narrow, onChoose }: NavigationProps) {
  return (
    <nav aria-label="Pages" className="flex flex-col gap-4 px-2 py-3">
      {pageGroups
        .filter((group) => group.pages.length > 0)
        .map((group) => (
          <div key={group.title}>
            <h2 className={cn('px-2 pb-1 text-12 text-muted', narrow && 'sr-only')}>{group.title}</h2>
            <ul className="flex flex-col gap-0.5">
              {group.pages.map((page) => (
                <NavigationItem key={page.path} page={page} narrow={narrow} onChoose={onChoose} />
              ))}
            </ul>
          </div>
        ))}
    </nav>
  );
}

interface NavigationItemProps {
  readonly page: Page;
  readonly narrow: boolean;
  readonly onChoose?: (() => void) | undefined;
}

function NavigationItem({ page, narrow, onChoose }: NavigationItemProps) {
  const current = usePathname() === page.path;
  return (
    <li>
      <Link
        href={page.path}
        {...(onChoose === undefined ? {} : { onClick: onChoose })}
        aria-current={current ? 'page' : undefined}
        title={narrow ? page.title : page.purpose}
        className={cn(
          'flex h-8 items-center gap-2.5 rounded-md px-2 text-13 text-muted transition-colors duration-100 hover:bg-sunken hover:text-text',
          current && 'bg-sunken font-medium text-text',
          narrow && 'justify-center px-0',
        )}
      >
        <page.icon aria-hidden="true" className={cn('size-4 shrink-0', current && 'text-accent')} />
        <span className={cn(narrow && 'sr-only')}>{page.title}</span>
      </Link>
    </li>
  );
}
