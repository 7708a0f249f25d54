import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { Console } from '../../frame/console.tsx';
import { configuredNodes } from '../../live/configured-nodes.ts';

export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  // The nodes come from the environment of the running server, not from that of the build.
  await connection();
  return <Console nodes={configuredNodes(process.env)}>{children}</Console>;
}
