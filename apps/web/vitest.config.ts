import { defineConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

export default defineConfig({
  test: {
    ...shared.test,
    include: ['src/**/*.test.ts', 'server/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
  },
});
