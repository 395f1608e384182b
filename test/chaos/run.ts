import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startChild } from '../../infra/local/child.ts'
import { readEndpoints } from '../../infra/local/endpoints.ts'
import { freePorts } from '../../infra/local/ports.ts'
import { processes } from '../../infra/local/processes.ts'
import { bringUp } from '../../infra/local/stack.ts'
import { booksOf } from './books.ts'
import { check, type Findings } from './check.ts'
import { hooksTo } from './hooks.ts'
import { Posted, Received, read } from './ledger.ts'
import { plan } from './plan.ts'
import { post } from './poster.ts'
import { whenQuiet } from './quiet.ts'

/** One run: `dir` gets the ledgers and every process's log. */
export type Chaos = {
  dir: string
  events: number
  rate: number
  seed: number
  kills: number
  victims: string[]
  /** How many hooks fire on each event that matches, beside the one that converts it. */
  fan: number
  say(line: string): void
}

/** Every process of ours, and both servers. */
export const everyone = [
  'subject-ingest',
  'hook-evaluate',
  'webhook-deliver',
  'watcher',
  'bridge',
  'nats-server',
  'redis-server',
]

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Brings everything up, posts, kills, waits until all is quiet, and compares the ledgers, and ours with itself. */
export async function run(chaos: Chaos): Promise<Findings & { unbalanced: string[] }> {
  const { dir, say } = chaos
  const ledgers = { posted: join(dir, 'posted.ndjson'), received: join(dir, 'received.ndjson') }
  const [sinkPort = 0, ingestPort = 0] = await freePorts(2)
  const resources = join(dir, 'hooks')
  mkdirSync(resources, { recursive: true })
  const direct = Array.from({ length: chaos.fan }, (_, index) => `direct-${index}`)
  const hooks = [...direct, 'converted']
  writeFileSync(join(resources, 'hooks.yaml'), hooksTo(`http://127.0.0.1:${sinkPort}/`, direct))
  const sink = await startChild(process.execPath, [join(root, 'test/chaos/sink.ts')], {
    env: { ...process.env, PORT: String(sinkPort), LEDGER: ledgers.received },
    line: say,
  })
  const stack = bringUp({
    root,
    dir: join(dir, 'state'),
    table: processes.filter(({ name }) => name !== 'inbox'),
    env: { ...process.env, RESOURCES_DIR: resources, PORT: String(ingestPort), LOG_LEVEL: 'info' },
    cwd: dir,
    print: (name, line) => writeFileSync(join(dir, `${name}.log`), `${line}\n`, { flag: 'a' }),
    say: () => {},
  })
  try {
    const up = await stack.ready
    const duration = (chaos.events / chaos.rate) * 1000
    const killing = killAll(
      plan(chaos.seed, { ...chaos, duration }),
      () => readEndpoints(join(dir, 'state'))?.processes ?? {},
      say,
    )
    await post({
      ...chaos,
      ingest: up.ingest ?? '',
      token: up.token,
      ledger: ledgers.posted,
      patience: 60_000,
    })
    await killing
    say(`Posted ${chaos.events} events, waiting until the sink is quiet`)
    const findings = await whenQuiet(() =>
      check(
        read(ledgers.posted, line => Posted.parse(line)),
        read(ledgers.received, line => Received.parse(line)),
        hooks,
      ),
    )
    return { ...findings, unbalanced: await booksOf(up, findings.repeats) }
  } finally {
    await stack.stop()
    await sink.kill()
  }
}

async function killAll(
  kills: { at: number; victim: string }[],
  pids: () => Record<string, number>,
  say: (line: string) => void,
) {
  const started = performance.now()
  for (const { at, victim } of kills) {
    await pause(Math.max(started + at - performance.now(), 0))
    const pid = pids()[victim]
    if (pid === undefined) throw new Error(`Nothing runs under the name "${victim}"`)
    say(`${Math.round(performance.now() - started)} ms: kill -9 ${victim}`)
    tryKill(pid)
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It died of the kill before, and is not up again yet.
  }
}
