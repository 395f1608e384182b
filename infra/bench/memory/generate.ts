import { correlationOf } from '../../../shared/correlation.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { randomOf } from '../random.ts'
import type { Line, NameKind, Recording } from './recording.ts'

/** What to make of the recordings. */
export type Wanted = {
  count: number
  /** The last ms of the time that the events are spread over, and how many days that is. */
  until: number
  days: number
  /** The same seed gives the same events. */
  seed: number
}

const hour = 3600_000
const clusters = ['prod', 'staging', 'edge']
const namespaces = 'shop bank mail media search billing identity logistics reports vault chat batch'.split(
  ' ',
)
const services =
  'cart checkout catalog payments ledger orders stock prices search mailer uploads thumbs login sessions audit quotes invoices routes trackers exports feeds scores bots rooms presence pushes jobs sweeper mirror backup index gateway proxy cache queue relay sync lookup offers refunds'.split(
    ' ',
  )
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** One replay of a recording under names of its own. */
type Story = {
  start: number
  lines: Line[]
  names: Map<string, string>
  cluster: string
  random: () => number
}

/**
 * So many events as the recordings have them, each recording as often as every other: told again and again under other
 * names in several clusters, by day more than by night, and with some hours in which much goes wrong. In the order of time.
 */
export function* generated(recordings: Recording[], wanted: Wanted): Generator<OpsEvent> {
  const stories = storiesOf(recordings, wanted)
  let pending: { time: number; story: Story; line: Line }[] = []
  for (const [index, story] of stories.entries()) {
    for (const line of story.lines) pending.push({ time: story.start + line.at, story, line })
    const next = stories[index + 1]?.start ?? Number.POSITIVE_INFINITY
    pending.sort((a, b) => a.time - b.time)
    const later = pending.findIndex(({ time }) => time >= next)
    const due = later < 0 ? pending : pending.slice(0, later)
    pending = later < 0 ? [] : pending.slice(later)
    for (const one of due) yield eventOf(one.story, one.line)
  }
}

function storiesOf(recordings: Recording[], { count, until, days, seed }: Wanted): Story[] {
  const random = randomOf(spread(seed))
  const hours = hoursOf(days * 24, random)
  const longest = Math.max(...recordings.flatMap(({ lines }) => lines.map(({ at }) => at)))
  const begin = until - days * hour * 24
  const stories: Story[] = []
  for (let left = count, turn = 0; left > 0; turn++) {
    const lines = (recordings[turn % recordings.length]?.lines ?? []).slice(0, left)
    const start = Math.min(begin + (hours(random()) + random()) * hour, until - longest)
    stories.push({
      start,
      lines,
      names: new Map(),
      cluster: one(clusters, random()),
      random: randomOf(spread(seed + turn + 1)),
    })
    left -= lines.length
  }
  return stories.sort((a, b) => a.start - b.start)
}

/** From a number between 0 and 1 to an hour: more by day than by night, and most in a few bad ones. */
function hoursOf(count: number, random: () => number): (share: number) => number {
  const bad = new Set(Array.from({ length: Math.ceil(count / 28) }, () => Math.floor(random() * count)))
  const sums: number[] = []
  for (let at = 0, sum = 0; at < count; at++) {
    sum += 1 + 0.6 * Math.sin((at / 24) * 2 * Math.PI) + (bad.has(at) ? 5 : 0)
    sums.push(sum)
  }
  const all = sums.at(-1) ?? 0
  return share => sums.findIndex(sum => sum >= share * all)
}

function eventOf(story: Story, { parts }: Line): OpsEvent {
  const said = parts.map(part => {
    if (typeof part === 'string') return part
    if ('after' in part) return new Date(story.start + part.after).toISOString()
    return nameIn(story, part.kind, part.name)
  })
  const event: OpsEvent = JSON.parse(said.join(''))
  // It follows from the root's uid and the hour, which are others now.
  const { correlationid, ...others } = event
  return { ...others, ...correlationOf(others) }
}

function nameIn(story: Story, kind: NameKind, name: string): string {
  const known = story.names.get(name)
  if (known !== undefined) return known
  const made = nameOf(kind, name, story)
  story.names.set(name, made)
  return made
}

function nameOf(kind: NameKind, name: string, { cluster, random }: Story): string {
  switch (kind) {
    case 'cluster':
      return cluster
    case 'namespace':
      return name === 'default' ? name : one(namespaces, random())
    case 'workload':
      return one(services, random())
    case 'node':
      return `node-${1 + Math.floor(random() * 30)}`
    case 'uid':
      return uuidBy(random)
    case 'suffix':
      return Array.from(name, () => one(/^\d+$/.test(name) ? '123456789' : letters, random())).join('')
  }
}

function uuidBy(random: () => number): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function one(from: readonly string[] | string, share: number): string {
  return from[Math.floor(share * from.length)] ?? ''
}

// Seeds beside each other begin far from each other.
const spread = (seed: number) => Math.imul(seed, 0x9e3779b1)
