import { atLeast } from './version.ts'

/** One program that has to be there, and everything by which it can be had. */
export type Program = {
  binary: string
  /** Variable that names an executable to use instead of all else. */
  env: string
  /** A version that is used wherever it is found. */
  good(version: string): boolean
  /** A version of the system's packages that will do where nothing better can be had. */
  enough(version: string): boolean
  /** Said when one that is only just enough is used. */
  lacks?: string
  /** Built from this Go package, at the version that the cache keeps it under; `linker` are options for it. */
  go?: { module: string; version: string; linker?: string }
  /** Names of the Debian and Ubuntu packages whose files are needed, if any; what these need in turn is found out. */
  debian: string[]
  brew?: string
  /** A command that takes a Linux executable out of an image into the current folder. */
  docker?: string
}

/** An executable that runs here. */
export type Provided = { path: string; version: string }

/** What one way of getting a program came to. */
export type Attempt = Provided | { because: string }

/** Where progress is told. */
export type Say = (line: string) => void

// One that everything is to be tried on, and no other.
const asked = process.env.NATS_SERVER_VERSION
const natsFrom = (least: string) => (version: string) => (asked ? version === asked : atLeast(version, least))

const nats = {
  version: asked || '2.15.2',
  binary: 'nats-server',
  debian: ['nats-server'],
  module: 'github.com/nats-io/nats-server/v2',
}

/** The programs the project runs beside its own. */
export const programs = {
  'nats-server': {
    binary: nats.binary,
    env: 'NATS_SERVER_BIN',
    good: natsFrom('2.10.0'),
    enough: natsFrom('2.9.10'),
    lacks:
      'everything works on it, but consumers have one subject filter and recent fixes of the store are missing',
    go: { module: nats.module, version: nats.version },
    debian: nats.debian,
    brew: 'nats-server',
    docker: `docker cp $(docker create nats:${nats.version}-alpine):/usr/local/bin/nats-server .`,
  },
  'nats-server-2.9.10': {
    binary: nats.binary,
    env: 'NATS_SERVER_2_9_BIN',
    good: version => version === '2.9.10',
    enough: version => version === '2.9.10',
    go: { module: nats.module, version: '2.9.10' },
    debian: nats.debian,
    docker: 'docker cp $(docker create nats:2.9.10-alpine):/usr/local/bin/nats-server .',
  },
  'redis-server': {
    binary: 'redis-server',
    env: 'REDIS_SERVER_BIN',
    good: version => atLeast(version, '6.2.0'),
    enough: version => atLeast(version, '6.0.0'),
    // Debian's redis-server is a link to a file of redis-tools.
    debian: ['redis-server', 'redis-tools'],
    brew: 'redis',
  },
  helm: {
    binary: 'helm',
    env: 'HELM_BIN',
    good: version => atLeast(version, '4.0.0'),
    enough: version => atLeast(version, '3.14.0'),
    // Built without this it knows its minor version only.
    go: {
      module: 'helm.sh/helm/v4/cmd/helm',
      version: '4.3.1',
      linker: '-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1',
    },
    debian: [],
    brew: 'helm',
  },
} satisfies Record<string, Program>

export type ProgramName = keyof typeof programs
