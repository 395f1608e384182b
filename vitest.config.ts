import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Real servers and processes are started, and two cores have to do.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most of the time they wait, for leases and for servers: more files at once than there are cores.
    maxWorkers: 4,
    // On a shared machine a real process may be late for once; what fails twice in a row is no such thing.
    retry: process.env.CI ? 1 : 0,
  },
})
