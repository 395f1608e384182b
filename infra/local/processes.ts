import type { Local } from './local.ts'

type Env = Record<string, string>

/** One process of the local stack. */
export type LocalProcess = {
  name: string
  /** Its file, from the top of the repository. */
  door: string
  /** The key of its URL in endpoints.json, where it has one. */
  endpoint?: 'ingest' | 'api' | 'watcher' | 'bridge' | 'inbox'
  /**
   * A variable with its port, the port when that is not set, what to tell when it is taken, and what when the variable
   * says another one while the hooks are our examples; else any free one.
   */
  port?: { env: string; otherwise: number; whenTaken: string; elsewhere?: string }
  /** Options of Node for it, in front of those of the user. */
  node?: string
  /** Beside what every process gets. */
  env?(local: Local): Env
}

const withDatabase = ({ postgres }: Pick<Local, 'postgres'>): Env =>
  postgres === undefined ? {} : { DATABASE_URL: postgres }

/** Every process of ours, in the order of an event's way. */
export const processes: LocalProcess[] = [
  {
    name: 'inbox',
    door: 'infra/local/inbox.ts',
    endpoint: 'inbox',
    port: {
      env: 'INBOX_PORT',
      otherwise: 8099,
      whenTaken:
        'The example hooks point at 8099: end the program that has it and start again, or copy infra/examples, change the urls there, and name the copy in RESOURCES_DIR',
      elsewhere:
        'the example hooks point at 8099: copy infra/examples, change the urls there, and name the copy in RESOURCES_DIR',
    },
  },
  {
    name: 'subject-ingest',
    door: 'functions/subject-ingest/index.ts',
    endpoint: 'ingest',
    port: { env: 'PORT', otherwise: 8080, whenTaken: 'Set PORT for another one' },
  },
  {
    name: 'hook-evaluate',
    door: 'functions/hook-evaluate/index.ts',
  },
  {
    name: 'event-store',
    door: 'functions/event-store/index.ts',
    env: withDatabase,
  },
  {
    name: 'webhook-deliver',
    door: 'functions/webhook-deliver/index.ts',
    // Locally a hook may point at this machine.
    env: ({ sealKey }) => ({ HOOK_SEAL_KEY: sealKey, ALLOW_LOOPBACK_TARGETS: 'true' }),
  },
  {
    name: 'cron-taskrun',
    door: 'functions/cron-taskrun/index.ts',
    // Without a cluster scripts run on this machine.
    env: ({ url, kubeconfig }) => ({
      INGEST_URL: url('subject-ingest'),
      ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
    }),
  },
  {
    name: 'ops-api',
    door: 'functions/ops-api/index.ts',
    endpoint: 'api',
    port: { env: 'API_PORT', otherwise: 8081, whenTaken: 'Set API_PORT for another one' },
    env: ({ postgres, kubeconfig }) => ({
      ...withDatabase({ postgres }),
      ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
    }),
  },
  {
    name: 'watcher',
    door: 'functions/watcher/index.ts',
    endpoint: 'watcher',
    // Left alone V8 lets garbage lie: 380 MiB where this takes 190, with 10,000 hooks and 50,000 events to list.
    node: '--max-old-space-size=192 --max-semi-space-size=2',
    env: ({ sealKey, kubeconfig }) => ({
      HOOK_SEAL_KEY: sealKey,
      MALLOC_ARENA_MAX: '2',
      ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
    }),
  },
  {
    name: 'bridge',
    door: 'functions/bridge/index.ts',
    endpoint: 'bridge',
    env: ({ url, postgres }) => ({
      HOOK_EVALUATE_URL: url('hook-evaluate'),
      // Nobody stores where there is no database.
      ...(postgres !== undefined && { EVENT_STORE_URL: url('event-store') }),
      WEBHOOK_DELIVER_URL: url('webhook-deliver'),
      CRON_TASKRUN_URL: url('cron-taskrun'),
    }),
  },
]

// Not for everyone: taken from our own environment, they are given only to those whose row says so. No stack looks at
// a cluster that is not its own.
const reserved = new Set([
  ...['HOOK_SEAL_KEY', 'PORT', 'RESOURCES_DIR', 'DATABASE_URL'],
  ...['KUBECONFIG', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
])

/** The whole environment of one process: ours, what all of them get, its port, and what its row adds. */
export function environmentOf(
  process: LocalProcess,
  { local, port, base }: { local: Local; port: number; base: NodeJS.ProcessEnv },
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(base).filter(([name]) => !reserved.has(name))),
    EVENT_CLUSTER: local.cluster,
    EVENT_ENDPOINT: local.nats,
    REDIS_URL: local.redis,
    // With a cluster they are in there.
    ...(local.kubeconfig === undefined && { RESOURCES_DIR: local.resourcesDir }),
    ACTIVE_NAMESPACE: local.namespace,
    SERVER_TOKEN: local.token,
    BRIDGE_TOKEN: local.bridgeToken,
    PORT: String(port),
    ...(process.node && { NODE_OPTIONS: [process.node, base.NODE_OPTIONS].filter(Boolean).join(' ') }),
    ...process.env?.(local),
  }
}
