import { defineConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

const { reporters, ...limits } = shared.test;

export default defineConfig({
  test: {
    reporters,
    projects: [
      { test: { ...limits, name: 'unit', include: ['src/**/*.test.ts'], sequence: { groupOrder: 0 } } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build-node.ts'],
          // Each file starts clusters of real processes: two at once would measure each other.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          ...limits,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
