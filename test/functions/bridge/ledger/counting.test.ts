import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openCounting } from '../../../../functions/bridge/ledger/counting.ts'
import { PublishError } from '../../../../shared/adapters/publisher.ts'
import { addLines, type Entry, type Line } from '../../../../shared/ledger.ts'
import { quiet } from '../../../quiet.ts'
import { pulledOf } from '../items.ts'

/** What the journal does with the next entry: stores it, breaks off before or behind that, or refuses it. */
type Fate = 'stored' | 'lost' | 'unanswered' | 'refused'

function journal(fate: (entry: Entry) => Fate = () => 'stored') {
  const entries: { seq: number; entry: Entry }[] = []
  return {
    entries,
    async append(_: string, entry: Entry, last: number) {
      const comes = fate(entry)
      if (comes === 'refused') throw new PublishError('refused', 'too large')
      if (comes === 'lost') throw new PublishError('unavailable', 'away')
      if ((entries.at(-1)?.seq ?? 0) !== last) return undefined
      entries.push({ seq: last + 1, entry })
      if (comes === 'unanswered') throw new PublishError('unavailable', 'away')
      return last + 1
    },
    async *read(after: number) {
      for (const kept of entries) if (kept.seq > after) yield kept
    },
    last: async () => entries.at(-1)?.seq ?? 0,
    line: (hook: string) =>
      entries.reduce<Line>((sum, { entry }) => addLines(sum, entry.hooks[hook] ?? { counts: {} }), {
        counts: {},
      }),
  }
}

function counting(over: ReturnType<typeof journal>) {
  const said = { prepared: 0, uncounted: 0 }
  const made = openCounting('t', {
    journal: over,
    prepare: async () => void said.prepared++,
    wrote() {},
    uncounted(many) {
      said.uncounted += many
    },
    now: () => performance.now(),
    wall: Date.now,
    log: quiet,
  })
  onTestFinished(made.stop)
  return { ...made, ...{ said } }
}

const message = (seq: number, about: object = {}) => pulledOf({ seq, stored: seq * 10, ...about })
const counted = (times = 1) => ({ judged: [], tally: { 'n/a': { matched: times } }, failed: undefined })
const none = () => {}

describe('openCounting()', () => {
  it('acknowledges what is written, and not before', async () => {
    let fate: Fate = 'lost'
    const { end, settled, said } = counting(journal(() => fate))
    const one = message(1)
    end(one, counted(), none)
    await vi.waitFor(() => expect(said.prepared).toBeGreaterThan(0))
    expect(one.said.filter(word => word === 'ack')).toEqual([])
    fate = 'stored'
    await settled()
    expect(one.said.at(-1)).toBe('ack')
  })

  it('writes again what was not answered for, and finds that it was written', async () => {
    const fates: Fate[] = ['unanswered', 'unanswered']
    const here = journal(() => fates.shift() ?? 'stored')
    const { end, settled } = counting(here)
    for (const seq of [1, 2, 3]) end(message(seq), counted(), none)
    await settled()
    end(message(4), counted(), none)
    await settled()
    expect(here.line('n/a').counts).toEqual({ matched: 4 })
  })

  it('counts once what two replicas have in hand, whatever becomes of their entries', async () => {
    let draw = 7
    const random = () => {
      draw = (draw * 48_271) % 2_147_483_647
      return draw / 2_147_483_647
    }
    const fates: Fate[] = ['stored', 'stored', 'stored', 'lost', 'unanswered']
    const here = journal(() => fates[Math.floor(random() * fates.length)] ?? 'stored')
    const replicas = [counting(here), counting(here)]
    const all = Array.from({ length: 200 }, (_, index) => index + 1)
    const acked = new Set<number>()
    for (const seq of all)
      for (const replica of replicas)
        if (random() < 0.7 || replica === replicas[0])
          setTimeout(() => replica.end(message(seq), counted(), () => acked.add(seq)), random() * 1_000)
    await vi.waitFor(() => expect(acked.size).toBe(all.length), 20_000)
    await Promise.all(replicas.map(({ settled }) => settled()))
    expect(here.line('n/a').counts).toEqual({ matched: all.length })
  }, 30_000)

  it('knows what ended, while that is being written and afterwards, from others too', async () => {
    let fate: Fate = 'lost'
    const here = journal(() => fate)
    const { end, ended, settled } = counting(here)
    const [first, second, third] = [message(1), message(1, { deliveries: 2 }), message(1, { deliveries: 3 })]
    end(first, counted(), none)
    expect([ended(second), ended(message(2)), ended(message(1, { stored: 11 }))]).toEqual([
      true,
      false,
      false,
    ])
    fate = 'stored'
    await settled()
    expect([first.said, second.said.at(-1)]).toEqual([[], 'ack'])
    expect(ended(third)).toBe(true)
    expect(third.said).toEqual(['ack'])
    const other = counting(here)
    await other.ready
    expect(other.ended(message(1))).toBe(true)
  })

  it('writes in parts what is refused together, and goes on without what is refused alone', async () => {
    const here = journal(({ hooks }) => ((hooks['n/a']?.counts.matched ?? 0) > 3 ? 'refused' : 'stored'))
    const { end, settled, said } = counting(here)
    const messages = [1, 1, 1, 1, 1, 9, 1].map((times, index) => {
      const one = message(index + 1)
      end(one, counted(times), none)
      return one
    })
    await settled()
    expect(messages.map(one => one.said)).toEqual(messages.map(() => ['ack']))
    expect(here.line('n/a').counts).toEqual({ matched: 6 })
    expect(said.uncounted).toBe(1)
  })

  it('writes why attempts failed, the last of each hook, also when nothing else is to be written', async () => {
    const here = journal()
    const { failed } = counting(here)
    failed('n/a', 'first')
    failed('n/a', 'Bearer abcdefghijkl refused')
    await vi.waitFor(() => expect(here.line('n/a').lastError?.reason).toBe('Bearer … refused'), 10_000)
    expect(here.entries).toHaveLength(1)
  })
})
