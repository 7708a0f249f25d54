'use client';

import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import { originOf, socketUrl } from './addresses.ts';
import { type LinkSocket, LiveLink, type SocketEvents } from './link.ts';
import { LiveStore } from './store.ts';

/** The tab's one live connection and what it brings. */
export interface Live {
  readonly store: LiveStore;
  readonly retryNow: () => void;
  /** Listens to this node rather than another, as long as it answers. */
  readonly listenTo: (origin: string) => void;
}

interface LiveParts extends Live {
  readonly link: LiveLink;
}

const LiveContext = createContext<Live | null>(null);

/** The live connection of the page this component is in. */
export function useLiveParts(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('useLiveParts needs a LiveProvider above it');
  return live;
}

function openSocket(origin: string, events: SocketEvents): LinkSocket {
  const socket = new WebSocket(socketUrl(origin));
  socket.onmessage = (message) => {
    if (typeof message.data === 'string') events.message(message.data);
  };
  socket.onclose = (close) => events.closed(close.reason === '' ? 'refused or closed' : close.reason);
  return {
    close: () => {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    },
  };
}

function createLive(configured: readonly string[]): LiveParts {
  const secure = globalThis.location?.protocol === 'https:';
  const store = new LiveStore({
    now: Date.now,
    after: (ms, callback) => setTimeout(callback, ms),
    secure,
  });
  let preferred: string | null = null;
  const known = configured.map((address) => originOf(address, secure)).filter((origin) => origin !== null);
  const link = new LiveLink({
    open: openSocket,
    addresses: () => [...(preferred === null ? [] : [preferred]), ...known, ...store.learnedOrigins()],
    onMessage: (_address, text) => store.ingest(text),
    onStatus: (status) => store.setStatus(status),
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    jitter: Math.random,
  });
  const listenTo = (origin: string) => {
    preferred = origin;
    link.restart();
  };
  return { store, link, listenTo, retryNow: () => link.retryNow() };
}

export function LiveProvider(props: { readonly nodes: readonly string[]; readonly children: ReactNode }) {
  const [live] = useState(() => createLive(props.nodes));
  useEffect(() => {
    // Not at once: React's development mode mounts twice, and would open a connection only to drop it.
    const start = setTimeout(() => live.link.start());
    window.addEventListener('online', live.retryNow);
    return () => {
      clearTimeout(start);
      window.removeEventListener('online', live.retryNow);
      live.link.stop();
    };
  }, [live]);
  return <LiveContext value={live}>{props.children}</LiveContext>;
}
