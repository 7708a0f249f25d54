import { join } from 'node:path';
import type { NextConfig } from 'next';

const config: NextConfig = {
  turbopack: { root: join(import.meta.dirname, '../..') },
  poweredByHeader: false,
  reactStrictMode: true,
  // Next's badge would lie over the console, which people use in development mode too.
  devIndicators: false,
  // A slash at the end of a path belongs to the key that the path names.
  skipTrailingSlashRedirect: true,
  // Pages have headers of their own (src/proxy.ts), and so have routes.
  headers: async () =>
    ['/_next/static/:path*', '/icon.svg'].map((source) => ({
      source,
      headers: [{ key: 'x-content-type-options', value: 'nosniff' }],
    })),
  // Next's development server counts the two spellings of this machine as foreign to each other.
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;
