/** What is secret in the environment of a process. */
export type Variable = 'EVENT_ENDPOINT' | 'REDIS_URL' | 'DATABASE_URL' | 'BRIDGE_TOKEN' | 'HOOK_SEAL_KEY'

/** A process that is installed; each has a Secret of its own, whose keys are variables of its environment. */
export type Installed = {
  /** Its workload, and its Secret. */
  workload: string
  secret: readonly Variable[]
  /** Does it read who may call it, from `ops-server-tokens`? */
  callers?: true
}

/** Each gets what its door asks for and nothing else: infra/operate/rights.md. */
export const installed = {
  watcher: { workload: 'ops-watcher', secret: ['EVENT_ENDPOINT', 'REDIS_URL', 'HOOK_SEAL_KEY'] },
  bridge: { workload: 'ops-bridge', secret: ['EVENT_ENDPOINT', 'BRIDGE_TOKEN'] },
  'subject-ingest': { workload: 'subject-ingest', secret: ['EVENT_ENDPOINT'], callers: true },
  'hook-evaluate': {
    workload: 'hook-evaluate',
    secret: ['EVENT_ENDPOINT', 'REDIS_URL', 'BRIDGE_TOKEN'],
  },
  'webhook-deliver': {
    workload: 'webhook-deliver',
    secret: ['EVENT_ENDPOINT', 'REDIS_URL', 'BRIDGE_TOKEN', 'HOOK_SEAL_KEY'],
  },
  'cron-taskrun': { workload: 'cron-taskrun', secret: ['EVENT_ENDPOINT', 'BRIDGE_TOKEN'] },
  'event-store': {
    workload: 'event-store',
    secret: ['EVENT_ENDPOINT', 'DATABASE_URL', 'BRIDGE_TOKEN'],
  },
  'ops-api': {
    workload: 'ops-api',
    secret: ['EVENT_ENDPOINT', 'REDIS_URL', 'DATABASE_URL'],
    callers: true,
  },
} as const satisfies Record<string, Installed>

/** A process by its name, which is its folder's in functions/. */
export type Process = keyof typeof installed

/** All of them. */
export const allProcesses = Object.keys(installed) as Process[]

/** Those that are called with events and requests, and may sleep in between. */
export const functionNames: Process[] = allProcesses.filter(name => name !== 'watcher' && name !== 'bridge')

/** Which processes have this variable. */
export const holdersOf = (variable: Variable): Process[] =>
  allProcesses.filter(name => (installed[name].secret as readonly Variable[]).includes(variable))

/** The workloads of processes, as one says them. */
export const workloadsOf = (processes: readonly Process[]): string =>
  processes.map(name => installed[name].workload).join(', ')

/** The Secrets beside those of the processes: what lies in them, and who reads it. */
export const others = {
  'ops-server-tokens': 'tokens.yaml, who may call: subject-ingest and ops-api, at /etc/ops-events/tokens',
  'ops-plain-tokens': 'the tokens of those who call, by name: for people, mounted nowhere',
  'ops-nats-users': 'passwords.conf: NATS, whose configuration includes it',
  'ops-redis-users': 'a password for each login: Valkey, or whoever fills an aclfile',
  'ops-postgres-{login}': 'username and password, one Secret for each login: CloudNativePG',
} as const
