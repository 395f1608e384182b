import { setTimeout as pause } from 'node:timers/promises'
import { randomOf } from '../../infra/bench/random.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { apiOf } from '../functions/watcher/events/api.ts'
import { eventsOn } from '../functions/watcher/events/bus.ts'
import { quiet } from '../quiet.ts'
import { check, type Findings, type Seen, type Window } from './check.ts'
import { churn, rollOut, type Size } from './churn.ts'
import { faultsOf } from './faults.ts'
import { bringUp, type Stand } from './stand.ts'

/** One run: `dir` gets the state and every process's log. */
export type Soak = Size & {
  dir: string
  seed: number
  /** For how long NATS is away, in seconds. */
  away: number
  /** For how long nothing is down before each fault, in seconds. */
  calm: number
  say(line: string): void
}

type Watch = Awaited<ReturnType<ReturnType<typeof apiOf>['independentWatch']>>

const blindWindows = 'ops.clusters.soak.namespaces.ops-system.controllers.events.alerts'
/** What has not come after this comes no more. */
const patience = 180_000

/** Brings everything up, lets things happen and go wrong one after the other, and compares the ledgers in the end. */
export async function run({ dir, seed, away, calm, say, ...size }: Soak): Promise<Findings> {
  const random = randomOf(seed)
  const stand = await bringUp(dir)
  const began = Date.now()
  const tell = (line: string) => say(`${((Date.now() - began) / 1000).toFixed(0)} s: ${line}`)
  try {
    const watch = await apiOf(stand.cluster).independentWatch()
    await rollOut(stand.cluster, size)
    tell(`${size.nodes} nodes and ${size.pods} pods are there, ${watch.seen.size} versions of events so far`)
    const happening = churn(stand.cluster, { ...size, random })
    const faults: Window[] = []
    for (const [name, strike] of shuffled(Object.entries(faultsOf(stand, away)), random)) {
      await pause(calm * 1_000)
      tell(name)
      const from = Date.now()
      await strike()
      await caughtUp(stand, watch)
      faults.push({ name, from, to: Date.now() })
    }
    await pause(calm * 1_000)
    await happening.stop()
    tell(`There were ${[...happening.done].map(([name, times]) => `${times} times ${name}`).join(', ')}`)
    await caughtUp(stand, watch)
    // What is doubled comes after what was missing.
    await pause(3_000)
    const findings = check({ ...(await stored(stand)), seen: seenBy(watch), sink: stand.sink.came, faults })
    tell('Everything is compared')
    await watch.stop()
    return findings
  } finally {
    await stand.stop()
  }
}

const shuffled = <T>(list: T[], random: () => number): T[] =>
  list
    .map(value => ({ value, by: random() }))
    .sort((one, other) => one.by - other.by)
    .map(({ value }) => value)

const seenBy = ({ seen }: Watch): Seen[] =>
  [...seen].map(([id, { type, at }]) => ({ id, operation: type, at }))

/** Waits until the sink has all that was seen before now; of what etcd has forgotten it gets nothing. */
async function caughtUp({ sink, cluster }: Stand, watch: Watch): Promise<void> {
  const end = Date.now() + patience
  const marker = `e-marker-${end}`
  await apiOf(cluster).happens({ name: marker })
  const before = Date.now()
  let least = Number.POSITIVE_INFINITY
  let since = before
  while (Date.now() < end) {
    const came = new Set(sink.came.map(({ id }) => id))
    const lacking = [...watch.seen].filter(
      ([id, { type, at }]) => at <= before && type !== 'DELETED' && !came.has(id),
    ).length
    if (lacking < least) since = Date.now()
    least = Math.min(lacking, least)
    const marked = [...watch.seen].some(([id, { object }]) => object.metadata.name === marker && came.has(id))
    if (marked && (lacking === 0 || Date.now() - since > 5_000)) return
    await pause(200)
  }
}

/** What lies on the bus and in the cluster in the end. */
async function stored({ nats, cluster }: Stand) {
  const connection = openNats(nats.url, 'soak', quiet)
  const nc = await connection.opened
  const events = await eventsOn(nc)
  const told = await eventsOn(nc, blindWindows)
  await connection.close()
  return {
    bus: events.filter(({ type }) => type === 'Kube').map(({ id }) => id),
    last: await apiOf(cluster).ids(),
    blind: told.map(({ data }) => ({
      from: Date.parse(String(data.from)),
      to: Date.parse(String(data.to)),
    })),
  }
}
