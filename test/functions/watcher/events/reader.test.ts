import { describe, expect, it } from 'vitest'
import { versionOf } from '../../../../functions/watcher/events/pages.ts'
import type { Place } from '../../../../functions/watcher/events/place.ts'
import { type Sighting, sightings, type World } from '../../../../functions/watcher/events/reader.ts'
import { type Ask, type Change, KubernetesError } from '../../../../shared/adapters/kubernetes.ts'

const collection = { path: '/events' }
const gone = new KubernetesError(410, 'Expired', 'The provided resource version is too old.')
const object = (version: number) => ({ metadata: { name: `e${version}`, resourceVersion: String(version) } })
const added = (version: number): Change => ({ type: 'ADDED', object: object(version) })

/** What one watch does: these changes, after this long, and then how it ends. */
type Play = { changes?: Change[]; throws?: Error; refuses?: Error; lasts?: number }

/**
 * An API server that holds objects by version, and plays watches one after the other; when there are no more, the
 * reading ends. Time passes only by what watches last and by pauses.
 */
async function read(setting: {
  place?: Place
  holds?: number[]
  now?: number
  watches: Play[]
  pageOf?: (ask: Ask) => unknown
  places?: () => Promise<Place | undefined>
}) {
  const stopping = new AbortController()
  const { place, holds = [] } = setting
  let now = setting.now ?? Math.max(0, ...holds, Number(place?.resourceVersion ?? 0))
  const [ended, slept, from]: [string[], number[], string[]] = [[], [], []]
  let clock = 1_000_000
  const plays = [...setting.watches]

  async function* changesOf({ changes = [], throws, lasts = 150_000 }: Play): AsyncGenerator<Change> {
    for (const change of changes) {
      yield change
      now = Math.max(now, Number(versionOf(change.object)))
    }
    clock += lasts
    if (throws) throw throws
  }

  const world: World = {
    async json(ask) {
      const answer = setting.pageOf?.(ask)
      if (answer instanceof Error) throw answer
      if (answer) return answer
      const items = ask.query?.limit === 1 ? [] : holds.map(object)
      return { metadata: { resourceVersion: String(now) }, items }
    },
    async watch({ query }) {
      from.push(String(query?.resourceVersion))
      const play = plays.shift()
      if (!play) {
        stopping.abort()
        throw new Error('It is over')
      }
      if (play.refuses) throw play.refuses
      return changesOf(play)
    },
    place: setting.places ?? (async () => place),
    opened: () => {},
    ended: reason => ended.push(reason),
    sleep: async ms => {
      slept.push(ms)
      clock += ms
    },
    random: () => 0,
    wall: () => clock,
  }
  const told: string[] = []
  for await (const sighting of sightings(world, collection, stopping.signal)) told.push(inShort(sighting))
  return { told, ended, slept, from }
}

function inShort(sighting: Sighting): string {
  switch (sighting.kind) {
    case 'seen':
      return `${sighting.operation} ${sighting.place.resourceVersion}`
    case 'listed':
      return `listed ${versionOf(sighting.object)}${sighting.first ? ' first' : ''}`
    case 'reached':
      return `reached ${sighting.place.resourceVersion}${sighting.anew ? ' anew' : ''}`
    case 'gap':
      return `gap ${sighting.from.resourceVersion}: ${sighting.recovered}`
  }
}

const at = (version: number, ago = 0): Place => ({ resourceVersion: String(version), time: 1_000_000 - ago })

describe('sightings()', () => {
  it('lists at the very first start, and watches from there', async () => {
    const { told, from } = await read({ holds: [3, 5], watches: [{ changes: [added(6)] }] })
    expect(told).toEqual(['listed 3 first', 'listed 5 first', 'reached 5', 'ADDED 6', 'reached 6'])
    expect(from).toEqual(['5', '6'])
  })

  it('goes on from the common place without a list', async () => {
    const { told, from } = await read({
      place: at(5),
      holds: [3, 5, 7],
      watches: [{ changes: [added(6), added(7)] }],
    })
    expect(told).toEqual(['ADDED 6', 'ADDED 7', 'reached 7'])
    expect(from).toEqual(['5', '7'])
  })

  it('goes on from the last change when the connection breaks, backing off', async () => {
    const broken = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const { told, from, slept, ended } = await read({
      place: at(5),
      now: 9,
      watches: [{ changes: [added(6)], throws: broken }, { refuses: refused }, { refuses: refused }, {}],
    })
    expect(told).toEqual(['ADDED 6', 'reached 6'])
    expect(from).toEqual(['5', '6', '6', '6', '6'])
    expect(slept).toEqual([800, 1600, 3200])
    expect(ended).toEqual(['ECONNRESET', 'ECONNREFUSED', 'ECONNREFUSED', 'expired'])
  })

  it('waits as long as the server asks it to', async () => {
    const busy = new KubernetesError(429, 'TooManyRequests', 'Too many requests', 7_000)
    const { slept, ended } = await read({ place: at(5), watches: [{ refuses: busy }] })
    expect(slept).toEqual([7_000])
    expect(ended).toEqual(['429 TooManyRequests'])
  })

  const forms: [string, Play[]][] = [
    ['HTTP 410', [{ refuses: gone }]],
    ['an ERROR line in a 200', [{ throws: gone, lasts: 0 }]],
    ['a 200 that ends at once, three times', Array(3).fill({ lasts: 5 })],
    [
      '504, a version that is too large',
      [{ refuses: new KubernetesError(504, 'Timeout', 'Too large resource version: 9, current: 8') }],
    ],
  ]
  it.each(forms)('lists what is newer, and tells of the blind window, on %s', async (_, watches) => {
    const { told } = await read({ place: at(5, 60_000), holds: [3, 7, 8], now: 9, watches })
    expect(told).toEqual(['listed 7', 'listed 8', 'gap 5: 2', 'reached 9'])
  })

  it('says nothing of a blind window where nothing happened', async () => {
    const { told } = await read({
      place: at(5, 600_000),
      holds: [3, 5],
      now: 9,
      watches: [{ refuses: gone }],
    })
    expect(told).toEqual(['reached 9'])
  })

  it('says nothing when a quiet watch has aged out, though something happens at that moment', async () => {
    const { told } = await read({
      place: at(5, 600_000),
      holds: [7],
      now: 9,
      watches: [{ lasts: 200_000 }, { refuses: gone }],
    })
    expect(told).toEqual(['reached 5', 'listed 7', 'reached 9'])
  })

  it('tells of a window longer than Kubernetes keeps events, even with nothing left of it', async () => {
    const { told } = await read({ place: at(5, 3_700_000), now: 9, watches: [{ refuses: gone }] })
    expect(told).toEqual(['gap 5: 0', 'reached 9'])
  })

  it('takes the place of a twin that is further instead of a list', async () => {
    let asked = 0
    const { told, from } = await read({
      places: async () => at(asked++ === 0 ? 5 : 8),
      holds: [6, 7, 8, 9],
      now: 9,
      watches: [{ refuses: gone }, { changes: [added(9)] }],
    })
    expect(told).toEqual(['ADDED 9', 'reached 9'])
    expect(from).toEqual(['5', '8', '9'])
  })

  it('does not repeat what a twin did while its own connection was dead', async () => {
    let asked = 0
    const { from } = await read({
      places: async () => at(asked++ === 0 ? 5 : 40),
      now: 50,
      watches: [{ changes: [added(6)], throws: new Error('reset') }, {}],
    })
    expect(from.slice(0, 2)).toEqual(['5', '40'])
  })

  it('goes on from its own place where the bus cannot say the common one', async () => {
    let asked = 0
    const { from } = await read({
      places: async () => {
        if (asked++ > 0) throw new Error('NATS is away')
        return at(5)
      },
      now: 9,
      watches: [{ changes: [added(6)] }],
    })
    expect(from).toEqual(['5', '6'])
  })

  it('starts the list again when the server forgets in the middle of it', async () => {
    let pages = 0
    const { told, ended } = await read({
      place: at(5, 60_000),
      watches: [{ refuses: gone }],
      pageOf: ({ query }) => {
        if (query?.limit === 1) return { metadata: { resourceVersion: '9' }, items: [] }
        if (query?.continue && pages++ === 0) return gone
        const items = query?.continue ? [object(8)] : [object(3), object(7)]
        return { metadata: { resourceVersion: '9', ...(!query?.continue && { continue: 'more' }) }, items }
      },
    })
    expect(told).toEqual(['listed 7', 'listed 7', 'listed 8', 'gap 5: 2', 'reached 9'])
    expect(ended).toEqual(['410 Expired', '410 Expired'])
  })

  it('sees that a cluster counts anew after a restore, where a watch would wait for ever', async () => {
    const { told, from } = await read({ place: at(500), holds: [3, 7], now: 9, watches: [{}] })
    expect(told).toEqual(['listed 3 first', 'listed 7 first', 'gap 500: 2', 'reached 9 anew', 'reached 9'])
    expect(from).toEqual(['9', '9'])
  })

  it('follows bookmarks, where a server sends any', async () => {
    const { told } = await read({
      place: at(5),
      now: 9,
      watches: [{ changes: [{ type: 'BOOKMARK', object: object(8) }] }],
    })
    expect(told).toEqual(['reached 8', 'reached 8'])
  })

  it('reads again from before a line that makes no sense', async () => {
    const { from } = await read({
      place: at(5),
      now: 9,
      watches: [{ changes: [added(6), { type: 'ADDED', object: {} }, added(8)] }, {}],
    })
    expect(from.slice(0, 2)).toEqual(['5', '6'])
  })
})
