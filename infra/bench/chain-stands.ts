import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { madeId } from '../../shared/delivery.ts'
import type { HookSet } from '../../shared/hookset.ts'
import type { Child } from '../local/child.ts'
import { firingByKind, hooksOf } from './hooks.ts'
import { kinds, type Load } from './load.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import { fileOf, openStand, type Stand, secrets } from './stand.ts'

/** A whole chain from the bus to a sink on this machine. */
export type Chain = {
  stand: Stand
  sink: Receiver
  /** Who takes events off the bus. */
  readers: Child[]
  /** The keys under which the deliveries of these events reach the sink. */
  expected(events: Load[]): string[]
  /** The bridge's counts, where it keeps any. */
  metrics(): Promise<string>
}

/** A thousand hooks of which about one fires for an event. */
const setFor = (url: string) => hooksOf(1000, 'often', { url, key: secrets.seal })

/** The product's own, started by its doors. */
export async function ourChain(): Promise<Chain> {
  const stand = await openStand()
  const sink = await openReceiver(stand)
  const set = setFor(sink.url)
  await stand.putInForce(set)
  const evaluate = await stand.door('hook-evaluate')
  const deliver = await stand.door('webhook-deliver')
  const bridge = await stand.door('bridge', {
    HOOK_EVALUATE_URL: evaluate.url,
    WEBHOOK_DELIVER_URL: deliver.url,
  })
  const keyOf = (hook: string, { id, kind }: Load) => madeId(hook, { ...eventOf(kind), id })
  const metrics = async () => (await fetch(`${bridge.url}/metrics`)).text()
  return { stand, sink, readers: [bridge.child], expected: expectedBy(set, keyOf), metrics }
}

/** What one writes first, of the libraries' own parts: two bridges and two functions under functions-framework. */
export async function naiveChain(): Promise<Chain> {
  const stand = await openStand()
  const sink = await openReceiver(stand)
  const set = setFor(sink.url)
  const file = join(stand.dir, 'hooks.json')
  await writeFile(file, JSON.stringify(set.hooks.map(hook => ({ ...hook, url: sink.url }))))
  const env = { NAIVE_HOOKS: file }
  const evaluate = await stand.framework('evaluate', 'infra/bench/naive/evaluate.ts', 'cloudevent', env)
  const deliver = await stand.framework('deliver', 'infra/bench/naive/deliver.ts', 'cloudevent', env)
  const bridge = (name: string, STREAM: string, SINK: string) =>
    stand.run(name, [fileOf('infra/bench/naive/bridge.ts')], { STREAM, SINK })
  const readers = [await bridge('bridge 1', 'ops', evaluate), await bridge('bridge 2', 'deliveries', deliver)]
  while ((await consumersOf(stand)) < readers.length) await pause(50)
  const keyOf = (hook: string, { id }: Load) => `${hook}/${id}`
  return { stand, sink, readers, expected: expectedBy(set, keyOf), metrics: async () => '' }
}

async function consumersOf({ jsm }: Stand): Promise<number> {
  const streams = await Promise.all(['ops', 'deliveries'].map(name => jsm.streams.info(name)))
  return streams.reduce((sum, { state }) => sum + state.consumer_count, 0)
}

function expectedBy({ hooks }: HookSet, keyOf: (hook: string, event: Load) => string) {
  const firing = firingByKind(hooks)
  return (events: Load[]) =>
    events.flatMap(event => (firing[event.kind] ?? []).map(hook => keyOf(hook, event)))
}

function eventOf(kind: number) {
  const event = kinds[kind]
  if (!event) throw new RangeError(`There are ${kinds.length} kinds of events, not ${kind}`)
  return event
}
