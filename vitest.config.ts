import { defineConfig } from 'vitest/config';

const journeys = 'test/journeys/**/*.test.ts';
const live = 'test/live/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [journeys, live],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'journeys', include: [journeys], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'live', include: [live], testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
});
