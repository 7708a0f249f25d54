'use client';

import { Menu, PanelLeft } from 'lucide-react';
import Link from 'next/link';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useLive } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { BrandGlyph } from './brand.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { HealthLine } from './health-line.tsx';
import { NavigationList } from './navigation.tsx';
import { PauseSwitch } from './pause-switch.tsx';
import { chooseNavigation } from './preferences.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useNavigation } from './use-preferences.ts';

/** What every page shows: which cluster, how it is, who says so. */
export function TopBar() {
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-1 border-line border-b bg-background px-2">
      <NavigationDrawer />
      <NavigationToggle />
      <ClusterName />
      <span aria-hidden="true" className="mx-1 hidden h-4 border-line-strong border-l sm:block" />
      <HealthLine />
      <div className="ml-auto flex shrink-0 items-center gap-1">
        <ConnectionBadge />
        <PauseSwitch />
        <CommandPalette />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function ClusterName() {
  const clusterId = useLive((view) => view.state?.clusterId ?? null);
  return (
    <Link href="/overview" className="flex h-8 items-center gap-2 rounded-md px-1.5 text-13 hover:bg-sunken">
      <BrandGlyph className="size-5" />
      <span className="hidden font-medium sm:inline">Starling</span>
      <span className="sr-only">console, overview</span>
      {clusterId === null ? null : (
        <span className="hidden font-mono text-12 text-muted lg:inline" title={`cluster ${clusterId}`}>
          {clusterId.slice(0, 8)}
        </span>
      )}
    </Link>
  );
}

function NavigationToggle() {
  const navigation = useNavigation();
  const label = navigation === 'wide' ? 'Narrow the navigation' : 'Widen the navigation';
  return (
    <Tooltip content={label}>
      <Button
        variant="ghost"
        size="icon"
        className="hidden md:inline-flex"
        aria-label={label}
        aria-expanded={navigation === 'wide'}
        onClick={() => chooseNavigation(navigation === 'wide' ? 'narrow' : 'wide')}
      >
        <PanelLeft aria-hidden="true" />
      </Button>
    </Tooltip>
  );
}

/** On a narrow screen the navigation is a drawer. */
function NavigationDrawer() {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button variant="ghost" size="icon" className="md:hidden" aria-label="Pages">
          <Menu aria-hidden="true" />
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-64 overflow-y-auto bg-raised shadow-raised"
        >
          <Dialog.Title className="flex h-12 items-center gap-2 px-4 text-13 font-medium">
            <BrandGlyph className="size-5" /> Starling
          </Dialog.Title>
          <NavigationList narrow={false} onChoose={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
