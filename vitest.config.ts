import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// What measures, or takes both cores for itself: one file at a time, and nothing beside it.
const alone = [
  'test/functions/watcher/events/load.test.ts',
  'test/chaos/kill.test.ts',
  'test/upgrade/upgrade.test.ts',
  'test/infra/local/start.test.ts',
]
// Five processes each beside those of the test.
const onClusters = globSync('test/**/*.test.ts').filter(
  path => readFileSync(path, 'utf8').includes('describeOnKubernetes(') && !alone.includes(path),
)

/** Test files that run before or after others, never beside them. */
const group = (name: string, how: { include: string[]; exclude?: string[] }, order: [number, number]) => ({
  extends: true as const,
  test: { name, ...how, sequence: { groupOrder: order[0] }, maxWorkers: order[1] },
})

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/patience.ts', 'test/seed.ts'],
    // Real servers and processes are started, on machines that do other things too. Who is early waits for nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // A real process may be late for once; what fails twice in a row is no such thing.
    retry: process.env.CI ? 1 : 0,
    projects: [
      // Most of the time they wait, for leases and for servers: more files at once than there are cores.
      group('most', { include: ['test/**/*.test.ts'], exclude: [...onClusters, ...alone] }, [0, 4]),
      group('clusters', { include: onClusters }, [1, 2]),
      group('alone', { include: alone }, [2, 1]),
    ],
  },
})
