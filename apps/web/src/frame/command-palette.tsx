'use client';

import { Command } from 'cmdk';
import { Database, Ear, Monitor, Moon, Pause, Play, Search, Server, Sun, Target } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useSelection } from '../inspector/selection.ts';
import { originOf } from '../live/addresses.ts';
import { useLiveParts } from '../live/live-provider.tsx';
import { useLive, useNodes } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { pageGroups } from './pages.ts';
import { chooseTheme } from './preferences.ts';

/** Everything the console can show or do, by typing. Opened by Ctrl+K or ⌘K. */
export function CommandPalette() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button variant="ghost" size="sm" aria-label="Search and commands">
          <Search aria-hidden="true" />
          <span className="hidden lg:inline-flex">
            <Kbd>Ctrl K</Kbd>
          </span>
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg bg-raised shadow-raised"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Palette close={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ close }: { readonly close: () => void }) {
  const [query, setQuery] = useState('');
  const router = useRouter();
  const go = (path: string) => () => {
    close();
    router.push(path);
  };
  const key = query.trim();
  return (
    <Command label="Search and commands" loop>
      <Command.Input
        value={query}
        onValueChange={setQuery}
        placeholder="Page, node, key or action"
        className="h-11 w-full border-line border-b bg-transparent px-4 text-14 outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-muted">Nothing of that name.</Command.Empty>
        <Group heading="Pages">
          {pageGroups.flatMap((group) =>
            group.pages.map((page) => (
              <Item key={page.path} value={`page ${page.title} ${page.purpose}`} onSelect={go(page.path)}>
                <page.icon aria-hidden="true" />
                {page.title}
                <span className="truncate text-muted">{page.purpose}</span>
              </Item>
            )),
          )}
        </Group>
        <NodeCommands close={close} />
        <ActionCommands close={close} />
        {key === '' ? null : <KeyCommands keyName={key} go={go} />}
      </Command.List>
    </Command>
  );
}

function KeyCommands(props: { readonly keyName: string; readonly go: (path: string) => () => void }) {
  const name = encodeURIComponent(props.keyName);
  return (
    <Group heading="Key">
      <Item value={`open key ${props.keyName}`} onSelect={props.go(`/data?key=${name}`)}>
        <Database aria-hidden="true" />
        Open key <span className="truncate font-mono text-12">{props.keyName}</span>
      </Item>
      <Item value={`find on ring ${props.keyName}`} onSelect={props.go(`/ring?key=${name}`)}>
        <Target aria-hidden="true" />
        Find on the ring <span className="truncate font-mono text-12">{props.keyName}</span>
      </Item>
    </Group>
  );
}

function NodeCommands({ close }: { readonly close: () => void }) {
  const nodes = useNodes();
  const { listenTo } = useLiveParts();
  const [, inspect] = useSelection();
  if (nodes.length === 0) return null;
  const listen = (address: string | null) => () => {
    const origin = originOf(address ?? '', window.location.protocol === 'https:');
    if (origin !== null) listenTo(origin);
    close();
  };
  const show = (nodeId: string) => () => {
    close();
    inspect({ kind: 'node', nodeId });
  };
  return (
    <Group heading="Nodes">
      {nodes.map((node) => (
        <Item key={node.nodeId} value={`inspect node ${node.nodeId}`} onSelect={show(node.nodeId)}>
          <Server aria-hidden="true" />
          Inspect <span className="font-mono text-12">{node.nodeId}</span>
        </Item>
      ))}
      {nodes
        .filter((node) => node.address !== null && node.liveness === 'alive')
        .map((node) => (
          <Item key={node.nodeId} value={`see listen to node ${node.nodeId}`} onSelect={listen(node.address)}>
            <Ear aria-hidden="true" />
            See the cluster as <span className="font-mono text-12">{node.nodeId}</span> sees it
          </Item>
        ))}
    </Group>
  );
}

function ActionCommands({ close }: { readonly close: () => void }) {
  const { store } = useLiveParts();
  const paused = useLive((view) => view.paused !== null);
  const then = (action: () => void) => () => {
    action();
    close();
  };
  return (
    <Group heading="Actions">
      <Item value="pause resume live" onSelect={then(() => (paused ? store.resume() : store.pause()))}>
        {paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
        {paused ? 'Go on live' : 'Let the view stand still'}
      </Item>
      <Item value="theme light" onSelect={then(() => chooseTheme('light'))}>
        <Sun aria-hidden="true" /> Light theme
      </Item>
      <Item value="theme dark" onSelect={then(() => chooseTheme('dark'))}>
        <Moon aria-hidden="true" /> Dark theme
      </Item>
      <Item value="theme system" onSelect={then(() => chooseTheme('system'))}>
        <Monitor aria-hidden="true" /> Theme of the system
      </Item>
    </Group>
  );
}

function Group(props: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Command.Group
      heading={props.heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-muted"
    >
      {props.children}
    </Command.Group>
  );
}

interface ItemProps {
  readonly value: string;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

function Item(props: ItemProps) {
  return (
    <Command.Item
      value={props.value}
      onSelect={props.onSelect}
      className="flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-13 data-[selected=true]:bg-accent-soft [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
    >
      {props.children}
    </Command.Item>
  );
}
