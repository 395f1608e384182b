import { setTimeout as pause } from 'node:timers/promises'
import { type Balance, balance } from './ledger.ts'
import { type Name, startPoster, toldOf } from './poster.ts'
import type { Version } from './server.ts'
import { openStand, type Stand } from './stand.ts'

/** What is done. How long each part lasts is in seconds; `rate` is events a second of each leaf cluster. */
export type Course = {
  dir: string
  version: Version
  rate: number
  before: number
  cut: number
  /** Whether the main server is killed while it catches up. */
  mainDies: boolean
  /** For how many seconds each thing that should come is waited for. Of events that do not the ledger tells. */
  patience: number
  say(line: string): void
}

/** What came of it; times in seconds. */
export type Result = {
  /** What lies in the main cluster's stream, and what came to the receiver of what hooks tell. */
  stored: Balance
  received: Balance
  losses: number
  /** How many came all the same while the links were cut, and how many waited when they were back. */
  passed: number
  waited: number
  /** From then on: until the main cluster's stream had all of them, and until the receiver had its part. */
  taken: number
  told: number
}

const clusters = ['edge1', 'edge2']

/**
 * Two leaf clusters post; the link of the first goes dead, that of the second is reset and stays away, while they go on.
 * In the middle the first one's server is killed, and when the links are back, the main one's too if it is to.
 */
export async function runCourse(course: Course): Promise<Result> {
  const stand = await openStand(course.dir, course.version, clusters)
  try {
    return await runOn(stand, course)
  } finally {
    await stand.stop()
  }
}

async function runOn(stand: Stand, { rate, before, cut, mainDies, patience, say }: Course): Promise<Result> {
  const posters = stand.leaves.map(({ cluster, server }) => startPoster({ cluster, url: server.url, rate }))
  const posted = () => posters.flatMap(poster => poster.posted)
  const until = async (is: () => boolean | Promise<boolean>) => {
    for (let times = 0; times < patience && !(await is()); times++) await pause(1_000)
  }
  async function surely<T>(what: string, comes: Promise<T>): Promise<T> {
    const tooLong = pause(patience * 1_000, undefined, { ref: false }).then(() => {
      throw new Error(`Waited ${patience} s for ${what}`)
    })
    return Promise.race([comes, tooLong])
  }
  const [first, second] = stand.leaves
  if (!first || !second) throw new Error('There are two leaf clusters')

  await pause(before * 1000)
  await until(() => stand.receiver.received.length > 0)
  const cutAt = posted().length
  say(`${cutAt} posted, ${stand.receiver.received.length} told: both links are cut for ${cut} s`)
  first.link.hold()
  second.link.hold()
  second.link.cut()
  await pause(cut * 500)
  say(
    `${posted().length} posted, ${stand.receiver.received.length} told: kill -9 of the server of ${first.cluster}`,
  )
  await surely(`the server of ${first.cluster} to come back`, first.server.restart())
  await pause(cut * 500)

  const byThen = posted()
  const had = await surely('the main stream to be counted', stand.counted())
  const [passed, waited] = [had - cutAt, byThen.length - had]
  say(`${byThen.length} posted: both links are back, ${waited} wait`)
  const back = performance.now()
  const since = () => (performance.now() - back) / 1000
  first.link.cut()
  for (const { link } of stand.leaves) link.resume()
  if (mainDies) {
    await pause(2_000)
    say('kill -9 of the main server')
    await surely('the main server to come back', stand.main.restart())
  }
  await until(async () => (await stand.counted()) >= byThen.length)
  const taken = since()
  say(`The main stream has them after ${taken.toFixed(1)} s`)
  await until(() => has(stand, toldOf(byThen)))
  const told = since()
  say(`The receiver has its part after ${told.toFixed(1)} s`)
  await surely('what is being posted to be on the bus', Promise.all(posters.map(poster => poster.stop())))
  await until(() => has(stand, toldOf(posted())))
  // What is doubled comes after what was missing.
  await pause(3_000)
  const stored = await surely('all that the main stream has', stand.stored())
  return {
    stored: balance(posted(), stored),
    received: balance(toldOf(posted()), stand.receiver.received),
    losses: stand.receiver.losses.length,
    ...{ passed, waited, taken, told },
  }
}

const has = ({ receiver }: Stand, names: Name[]): boolean => {
  if (receiver.received.length < names.length) return false
  const received = new Set(receiver.received)
  return names.every(name => received.has(name))
}
