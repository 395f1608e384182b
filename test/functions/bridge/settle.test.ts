import { describe, expect, it } from 'vitest'
import { backlogOf } from '../../../functions/bridge/backlog.ts'
import { openHands } from '../../../functions/bridge/hands.ts'
import type { Item } from '../../../functions/bridge/item.ts'
import { metricsOf } from '../../../functions/bridge/metrics.ts'
import { paceOf } from '../../../functions/bridge/pace.ts'
import { queueOf } from '../../../functions/bridge/queue.ts'
import { openSettling } from '../../../functions/bridge/settle.ts'
import { Trigger } from '../../../functions/bridge/triggers.ts'
import { type Message, PublishError } from '../../../shared/adapters/publisher.ts'
import { logOf } from '../../../shared/log.ts'
import { done, retry } from '../../../shared/outcome.ts'
import { item } from './items.ts'

const trigger = Trigger.parse({
  ...{ name: 't', stream: 'deliveries', filter: { subjects: ['deliveries.>'] }, sink: { uri: 'http://x/' } },
  ...{ batch: 10, concurrency: 8, groupBy: 'subject', own: true },
  delivery: { backoffPolicy: 'ladder', backlog: 2 },
})

/** Settling with real parts, over a bus that takes everything at once. */
function made(how: Trigger = trigger, refuses: (message: Message) => boolean = () => false) {
  const published: Message[] = []
  const pace = paceOf(8)
  for (let count = 0; count < 8; count++) pace.took()
  const hands = openHands()
  const clock = { now: 100_000 }
  const went: string[] = []
  const settling = openSettling(how, {
    ...{ hands, pace, capacity: 100, mostOfGroup: 100, books: undefined },
    queue: queueOf({ batch: 10, mixed: false, strandOf: ({ group }) => group }),
    backlog: backlogOf(how.delivery.backlog),
    sidings: { went: key => void went.push(key), stayed() {} },
    ...{ stopped: () => false, mayGo: () => true, soon() {}, wakeAt() {} },
    async publish(message) {
      if (refuses(message)) throw new PublishError('full', 'JetStream is full')
      published.push(message)
    },
    counts: metricsOf().countsOf('t'),
    ...{ now: () => clock.now, wall: () => 5_000, random: () => 1, log: logOf('bridge', 'silent') },
  })
  const held = (seq: number, about: Parameters<typeof item>[0] = {}): Item => {
    const one = item({ stream: 'deliveries', subject: 'deliveries.n.h', seq, ...about }, how)
    hands.hold(one)
    return one
  }
  return { settling, held, hands, pace, clock, went, published, allowed: () => pace.allowed(0, 1) }
}

const refused = retry('x answered 503', { after: 60_000 })

describe('settling the verdicts on a group', () => {
  it('slows no other down when its receiver failed', () => {
    const { settling, held, allowed } = made()
    for (let seq = 1; seq < 9; seq++)
      settling.settle([held(seq)], { kind: 'each', outcomes: [refused], judged: true })
    expect(allowed()).toBe(8)
  })

  it('slows down when the function itself failed, or all that share a request failed in it', () => {
    const one = made()
    one.settling.settle([one.held(1)], { kind: 'each', outcomes: [refused] })
    expect(one.allowed()).toBe(4)
    const mixed = made({ ...trigger, groupBy: 'none' })
    mixed.settling.settle([mixed.held(1)], { kind: 'each', outcomes: [refused], judged: true })
    expect(mixed.allowed()).toBe(4)
  })

  it('lets as many wait as may, and buries what comes new to them but not what waited already', async () => {
    const { settling, held, published, hands } = made()
    const all = [1, 2, 3, 4].map(seq => held(seq))
    settling.settle(all, { kind: 'each', outcomes: all.map(() => refused), judged: true })
    const back = held(9, { stream: 'retries', headers: { 'Ops-Subject': 'deliveries.n.h' } })
    settling.settle([back], { kind: 'each', outcomes: [refused], judged: true })
    await settling.landed()
    expect(published.map(({ subject }) => subject)).toEqual([
      ...['retries.t.30.n.h', 'retries.t.30.n.h', 'deadletters.t.n.h', 'deadletters.t.n.h'],
      'retries.t.30.n.h',
    ])
    const reason = 'backlog full: 2 deliveries wait for this hook (x answered 503)'
    expect(published[2]?.headers?.['Ops-Reason']).toBe(reason)
    expect(hands.size()).toBe(0)
  })
})

describe('settling while stream retries is full', () => {
  const full = ({ subject }: Message) => subject.startsWith('retries.')

  it('buries what is new, and leaves what waits there where it is', async () => {
    const { settling, held, published, hands } = made(trigger, full)
    const said: string[] = []
    const back = held(2, { stream: 'retries', headers: { 'Ops-Subject': 'deliveries.n.h' } })
    back.pulled.nak = delay => void said.push(`nak ${delay}`)
    settling.settle([held(1), back], { kind: 'each', outcomes: [refused, refused], judged: true })
    await settling.landed()
    await settling.landed()
    expect(published.map(({ subject }) => subject)).toEqual(['deadletters.t.n.h'])
    expect(published[0]?.headers?.['Ops-Reason']).toBe('backlog full: stream "retries" takes no more')
    expect(said).toEqual(['nak 60000'])
    expect(hands.size()).toBe(0)
  })

  it('keeps in hand what cannot go into its siding', async () => {
    const { settling, held, published, hands } = made(trigger, full)
    settling.shunt(held(1))
    await settling.landed()
    expect(published).toEqual([])
    expect([...settling.waiting()]).toHaveLength(1)
    expect(hands.size()).toBe(1)
    settling.stop()
  })
})

describe('shunting into a siding', () => {
  it('is no attempt, keeps the story, and ends in acknowledging', async () => {
    const { settling, held, published, went, hands } = made()
    const head = { 'Ops-Subject': 'deliveries.n.h', 'Ops-Attempts': '3', 'Ops-First-Time': '77' }
    settling.shunt(held(1, { stream: 'retries', headers: head }))
    await settling.landed()
    expect(published).toMatchObject([{ subject: 'retries.t.side.n.h', headers: head }])
    expect(went).toEqual(['n.h'])
    expect(hands.size()).toBe(0)
  })

  it('buries behind a full backlog while the sink answers, and never while it is silent', async () => {
    const { settling, held, published, clock } = made()
    for (const seq of [1, 2, 3]) settling.shunt(held(seq))
    const other = held(4, { subject: 'deliveries.n.other' })
    settling.settle([other], { kind: 'each', outcomes: [done], judged: true })
    settling.shunt(held(5))
    clock.now += 10_000
    settling.shunt(held(6))
    await settling.landed()
    expect(published.map(({ subject }) => subject)).toEqual([
      ...Array(3).fill('retries.t.side.n.h'),
      ...['deadletters.t.n.h', 'retries.t.side.n.h'],
    ])
  })
})
