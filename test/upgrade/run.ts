import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startChild } from '../../infra/local/child.ts'
import { localSettings } from '../../infra/local/local.ts'
import { freePort } from '../../infra/local/ports.ts'
import { environmentOf, processes } from '../../infra/local/processes.ts'
import { booksOf } from '../chaos/books.ts'
import { check, type Findings } from '../chaos/check.ts'
import { hooksTo } from '../chaos/hooks.ts'
import { Posted, Received, read } from '../chaos/ledger.ts'
import { post } from '../chaos/poster.ts'
import { whenQuiet } from '../chaos/quiet.ts'
import { type Deployment, type Manners, openDeployment } from './deployment.ts'
import { type Figures, figuresOf, type Span } from './figures.ts'
import { rowsOf } from './rows.ts'

/** One upgrade; `dir` gets the ledgers and every process's log. */
export type Upgrade = {
  dir: string
  at: { nats: string; redis: string; postgres: string }
  /** Posted a second. */
  rate: number
  manners: Manners
  /** The folder of bundles to begin with, and then which processes go over to which, in this order. */
  from: string
  steps: { names: string[]; to: string }[]
  say(line: string): void
}

/** What is wrong is in lists, which have to be empty. */
export type Upgraded = Findings &
  Figures & {
    unbalanced: string[]
    /** Subjects of which another number of rows is stored than were accepted. */
    miscounted: string[]
    /** Who did not end with 0 in time. */
    rude: string[]
    /** Connections that were led to nobody. */
    refused: number
  }

/** Receivers before those who send to them: whoever sends finds one who understands. */
export const inOrder = [
  ...['event-store', 'ops-api', 'webhook-deliver', 'cron-taskrun', 'hook-evaluate'],
  ...['subject-ingest', 'bridge', 'watcher'],
]

const root = fileURLToPath(new URL('../..', import.meta.url))
const replicasOf = (name: string) => (name === 'bridge' || name === 'watcher' ? 2 : 1)
const hooks = ['direct', 'converted']

/** Runs the first version, posts all the while, goes through the steps, waits until all is quiet, and compares. */
export async function upgrade(about: Upgrade): Promise<Upgraded> {
  const { dir, say, steps } = about
  const ledgers = { posted: join(dir, 'posted.ndjson'), received: join(dir, 'received.ndjson') }
  const sinkPort = await freePort()
  const sink = await startChild(process.execPath, [join(root, 'test/chaos/sink.ts')], {
    env: { ...process.env, PORT: String(sinkPort), LEDGER: ledgers.received },
    line: say,
  })
  const rude: string[] = []
  const system = await openSystem(about, { sink: `http://127.0.0.1:${sinkPort}/`, rude })
  try {
    const of = (name: string) => system.deployments.get(name)
    for (const { name, roll } of system.deployments.values()) {
      say(`Starting ${name}`)
      await roll(about.from)
    }
    const url = (name: string) => of(name)?.service.url ?? ''
    const over = new AbortController()
    const posting = post({
      ...{ ingest: url('subject-ingest'), token: system.token, ledger: ledgers.posted },
      ...{ events: Number.POSITIVE_INFINITY, rate: about.rate, patience: 60_000, enough: over.signal },
    })
    const calm = { name: 'nothing', from: Date.now() }
    await pause(3_000)
    const spans: Span[] = [{ ...calm, to: Date.now() }]
    for (const { names, to } of steps) {
      for (const name of names) {
        const from = Date.now()
        await of(name)?.roll(to)
        spans.push({ name, from, to: Date.now() })
        say(`${name} replaced in ${Date.now() - from} ms`)
      }
    }
    over.abort()
    await posting
    const told = {
      posted: read(ledgers.posted, line => Posted.parse(line)),
      received: () => read(ledgers.received, line => Received.parse(line)),
    }
    say(`Posted ${told.posted.length} events, waiting until the sink is quiet`)
    const findings = await whenQuiet(() => check(told.posted, told.received(), hooks))
    const refused = [...system.deployments.values()].reduce((sum, one) => sum + one.service.refused(), 0)
    const unbalanced = await booksOf({ api: url('ops-api'), token: system.token }, findings.repeats)
    const miscounted = await rowsOf(about.at.postgres, told.posted)
    const figures = figuresOf(spans, told.posted, told.received())
    return { ...findings, ...figures, unbalanced, miscounted, rude, refused }
  } finally {
    await Promise.all([...system.deployments.values()].map(({ stop }) => stop()))
    await sink.kill()
  }
}

async function openSystem({ dir, at, manners }: Upgrade, to: { sink: string; rude: string[] }) {
  const resources = join(dir, 'hooks')
  mkdirSync(resources, { recursive: true })
  writeFileSync(join(resources, 'hooks.yaml'), hooksTo(to.sink, ['direct']))
  const deployments = new Map<string, Deployment>()
  const url = (name: string) => deployments.get(name)?.service.url ?? ''
  const base = { ...process.env, RESOURCES_DIR: resources, LOG_LEVEL: 'info' }
  const local = localSettings({ root, dir, env: base, cwd: dir }, { ...at, url })
  for (const row of processes.filter(({ name }) => inOrder.includes(name))) {
    const { name } = row
    const deployment = await openDeployment({
      ...{ name, replicas: replicasOf(name), manners },
      environment: port => environmentOf(row, { local, port, base }),
      rude: (who, how) => to.rude.push(`${who} ended with ${how}`),
      line: (who, text) => writeFileSync(join(dir, `${who}.log`), `${text}\n`, { flag: 'a' }),
    })
    deployments.set(name, deployment)
  }
  return { deployments, token: local.token }
}
