import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { preferencesScript } from '../frame/preferences.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Starling', template: '%s · Starling' },
  description: 'Console of a Starling cluster: its nodes, its ring and its data, live.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f8f8fa' },
    { media: '(prefers-color-scheme: dark)', color: '#0c0d12' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    // The script below sets attributes before React sees them.
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        <script
          nonce={nonce}
          // Browsers hide a nonce from scripts, so React would find it missing.
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours that must run before the first paint.
          dangerouslySetInnerHTML={{ __html: preferencesScript }}
        />
      </head>
      <body>{children}</body>
    </html>
  );
}
