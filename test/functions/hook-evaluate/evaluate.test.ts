import { describe, expect, it } from 'vitest'
import type { World } from '../../../functions/hook-evaluate/evaluate.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import { classified } from '../../../shared/classify.ts'
import { madeId } from '../../../shared/delivery.ts'
import { backOff, hook, worldOf } from './world.ts'

const notices = hook({ name: 'notices', include: ['BackOff'] })
const convert = hook({ name: 'convert', type: 'event', target: 'alerts' })

describe('evaluate() of a hook that fires', () => {
  it('publishes a delivery: the event, which hook in which revision, and an id that is always the same', async () => {
    const { handle, published, told } = worldOf([notices])
    const event = backOff({ correlationid: 'c7', attempt: 9 })
    const tally = { 'ops-system/notices': { matched: 1, queued: 1 } }
    expect(await handle([event])).toEqual([{ kind: 'done', tally }])

    const id = madeId('ops-system/notices', event)
    expect(published[0]).toMatchObject({
      subject: 'deliveries.ops-system.notices',
      id,
      headers: { 'content-type': 'application/cloudevents+json' },
    })
    const { attempt: _, ...own } = event
    expect(told()).toEqual([{ ...own, hook: 'ops-system/notices', hookrevision: 'r1', deliveryid: id }])
  })

  it('publishes the event anew on the target subject for type event, and says where it comes from', async () => {
    const { handle, published, told } = worldOf([convert])
    const event = backOff({ correlationid: 'c7', cluster: 'c1' })
    await handle([event])

    const id = madeId('ops-system/convert', event)
    const subject = 'ops.clusters.c1.namespaces.ns1.pods.pod1.alerts'
    expect(published[0]).toMatchObject({ subject, id })
    expect(told()).toEqual([
      {
        ...event,
        id,
        subject,
        time: '2026-01-31T12:00:01.000Z',
        causationid: 'e1',
        hops: 1,
        via: 'ops-system/convert',
      },
    ])
  })

  it('says nothing of noise or hooks on the word of the event', async () => {
    const { handle, told } = worldOf([notices])
    const words = { notice: 'resolved', resolves: 'd1', held: 7, heldsince: 'x', trouble: 't', replayid: 'r' }
    await handle([backOff({ ...words, hook: 'a/b', deliveryid: 'd0' })])
    expect(told()[0]).toMatchObject({ hook: 'ops-system/notices' })
    for (const word of Object.keys(words)) expect(told()[0], word).not.toHaveProperty(word)
  })

  it('fires by the class of an event, and hands it on with the event that it makes', async () => {
    const filters = [{ exact: { category: 'volume' } }, { any: [{ exact: { severitytext: 'error' } }] }]
    const { handle, told } = worldOf([hook({ name: 'storage', type: 'event', target: 'alerts', filters })])
    const [image, mount] = [
      { type: 'Warning', reason: 'InspectFailed' },
      { type: 'Warning', reason: 'FailedMount' },
    ].map((data, index) => classified(backOff({ id: `e${index}`, data })))
    await handle([image, mount].flatMap(event => event ?? []))
    expect(told()).toEqual([
      expect.objectContaining({
        causationid: 'e1',
        category: 'volume',
        severitytext: 'error',
        severitynumber: 17,
      }),
    ])
  })

  it('counts hops and keeps the hooks it came by', async () => {
    const { handle, told } = worldOf([convert])
    await handle([backOff({ hops: 2, via: 'a/b c/d', causationid: 'e0' })])
    expect(told()[0]).toMatchObject({ hops: 3, via: 'a/b c/d ops-system/convert', causationid: 'e1' })
  })
})

describe('evaluate() fires nothing', () => {
  const everything = [notices, convert]

  it.each([
    ['for a subject that no hook wants', { subject: 'ops.clusters.c1.nodes.n1.events' }],
    ['for a deletion', { data: { reason: 'BackOff', operation: 'DELETED' } }],
    ['of hooks the event descends from', { via: 'ops-system/notices ops-system/convert', hops: 2 }],
  ])('%s', async (_, more) => {
    const { handle, published } = worldOf(everything)
    expect(await handle([backOff(more)])).toEqual([{ kind: 'done' }])
    expect(published).toEqual([])
  })

  const { subject: _, ...nameless } = backOff()

  it.each([
    ['after too many hops', backOff({ hops: 9 }), 'Loop: 9 hops, at most 8 are allowed'],
    ['after as many told in binary mode', backOff({ hops: '9' }), 'Loop: 9 hops, at most 8 are allowed'],
    ['without a subject', nameless, 'The event has no subject, so no hook can judge it'],
  ])('%s, and drops it', async (_, event, reason) => {
    const { handle, published } = worldOf(everything)
    expect(await handle([event])).toEqual([{ kind: 'drop', reason }])
    expect(published).toEqual([])
  })

  it('does judge at the eighth hop, and hooks the event does not descend from', async () => {
    const { handle, published } = worldOf(everything)
    await handle([backOff({ hops: 8, via: 'ops-system/convert' })])
    expect(published.map(({ subject }) => subject)).toEqual(['deliveries.ops-system.notices'])
  })
})

describe('evaluate() of what it has finished', () => {
  it('sends nothing again', async () => {
    const { handle, published } = worldOf([notices])
    const [first] = await handle([backOff()])
    expect(await handle([backOff()]), 'and says again what it came to').toEqual([
      { ...first, recalled: true },
    ])
    expect(published).toHaveLength(1)
  })

  it('takes the same id of another source for another event', async () => {
    const { handle, published } = worldOf([notices])
    await handle([backOff(), backOff({ source: 'https://example.com/other' })])
    expect(published).toHaveLength(2)
  })

  it('remembers after the acks, and only what is done', async () => {
    const story: string[] = []
    const { handle } = worldOf([notices], {
      publish: async ({ payload }) => {
        story.push('published')
        if (String(payload).includes('"e2"')) throw new PublishError('full', 'JetStream is full')
      },
      remember: async keys => story.push(`remembered ${keys.length}`),
    })
    await handle([backOff(), backOff({ id: 'e2' })])
    expect(story).toEqual(['published', 'published', 'remembered 1'])
  })

  it('remembers no event that fires nothing, which is judged again should it come again', async () => {
    const kept: [string, string][] = []
    const { handle } = worldOf([notices], { remember: async memos => kept.push(...memos) })
    await handle([backOff({ subject: 'ops.elsewhere' }), backOff()])
    expect(kept).toHaveLength(1)
  })
})

describe('evaluate() when the bus does not take it', () => {
  const failing = (kind: PublishError['kind'], of: string): Partial<World> => ({
    publish: async ({ subject }) => {
      if (subject.includes(of)) throw new PublishError(kind, `JetStream: ${kind}`)
    },
  })

  it.each([
    ['full', 'retry'],
    ['unavailable', 'retry'],
    ['refused', 'drop'],
  ] as const)('answers for %s: %s', async (kind, answer) => {
    const { handle } = worldOf([notices], failing(kind, 'notices'))
    const reason = `Hook "ops-system/notices": JetStream: ${kind}`
    expect(await handle([backOff()])).toMatchObject([{ kind: answer, reason }])
  })

  it('lets the other hooks and the other events go on', async () => {
    const published: string[] = []
    const { handle } = worldOf([notices, hook({ name: 'trigger' })], {
      publish: async ({ subject, payload }) => {
        if (subject.endsWith('notices') && String(payload).includes('"e1"'))
          throw new PublishError('unavailable', 'away')
        published.push(subject)
      },
    })
    const outcomes = await handle([backOff(), backOff({ id: 'e2' })])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['retry', 'done'])
    expect(published.sort()).toEqual([
      'deliveries.ops-system.notices',
      'deliveries.ops-system.trigger',
      'deliveries.ops-system.trigger',
    ])
  })

  it('drops for a target that cannot be filled, once the others are out; what may still succeed is tried first', async () => {
    const short = hook({ name: 'short', type: 'event', subject: 'ops.>', target: 'ops.*.*.*.*.*.*.*.*.*.x' })
    const { handle, published } = worldOf([short, notices])
    expect(await handle([backOff()])).toEqual([
      {
        kind: 'drop',
        reason: expect.stringMatching(/^Hook "ops-system\/short": Cannot fill target/),
        tally: {
          'ops-system/short': { matched: 1, refused: 1 },
          'ops-system/notices': { matched: 1, queued: 1 },
        },
      },
    ])
    expect(published).toHaveLength(1)

    const busy = worldOf([short, notices], failing('full', 'notices'))
    expect(await busy.handle([backOff()])).toMatchObject([{ kind: 'retry' }])
  })

  it('answers each of several drops with its reason', async () => {
    const two = ['a', 'b'].map(name => hook({ name, type: 'event', target: 'x.*' }))
    const { handle } = worldOf(two)
    const [outcome] = await handle([backOff()])
    expect(outcome).toMatchObject({
      kind: 'drop',
      reason: expect.stringMatching(/"ops-system\/a".*; Hook "ops-system\/b"/),
    })
  })

  it('has every event wait, as not attempted, when there are no hooks to judge by', async () => {
    const { handle } = worldOf([], { hooks: () => Promise.reject(new Error('NATS is away')) })
    const waits = { kind: 'retry', reason: 'No hooks to judge by: NATS is away', attempted: false }
    expect(await handle([backOff(), backOff({ id: 'e2' })])).toEqual([waits, waits])
  })

  it('has one event wait, and no other, when something breaks over it', async () => {
    const { handle } = worldOf([notices], {
      publish: ({ payload }) =>
        String(payload).includes('"e1"') ? Promise.reject(new TypeError('surprise')) : Promise.resolve(),
    })
    expect(await handle([backOff(), backOff({ id: 'e2' })])).toEqual([
      { kind: 'retry', reason: 'hook-evaluate failed, its log says why' },
      { kind: 'done', tally: { 'ops-system/notices': { matched: 1, queued: 1 } } },
    ])
  })
})

describe('evaluate() of a batch', () => {
  it('publishes in the order of its events, without waiting in between', async () => {
    const waiting: (() => void)[] = []
    const seen: string[] = []
    const { handle } = worldOf([notices], {
      publish: ({ payload }) => {
        seen.push(JSON.parse(String(payload)).id)
        return new Promise<void>(resolve => waiting.push(resolve))
      },
    })
    const ids = Array.from({ length: 50 }, (_, at) => `e${at}`)
    const answered = handle(ids.map(id => backOff({ id })))
    await expect.poll(() => waiting.length).toBe(50)
    expect(seen).toEqual(ids)
    for (const ack of waiting.reverse()) ack()
    expect(await answered).toHaveLength(50)
  })

  it('judges by the new rule once another set is in force', async () => {
    let include = ['OOMKilled']
    const { handle, published } = worldOf([], {
      hooks: async () => ({ revision: include.join(), hooks: [hook({ name: 'notices', include })] }),
    })
    await handle([backOff()])
    include = ['BackOff']
    await handle([backOff({ id: 'e2' })])
    expect(published).toHaveLength(1)
  })

  it('says at level debug of every hook whose subject matches why it fires or does not, else nothing', async () => {
    const hooks = [
      notices,
      hook({ name: 'quiet', exclude: ['pod1'] }),
      hook({ name: 'nodes', subject: 'ops.clusters.*.nodes.*.events' }),
      convert,
      hook({ name: 'filtered', filters: [{ exact: { type: 'Host' } }] }),
      hook({ name: 'suspended', suspend: true }),
    ]
    const { handle, logged } = worldOf(hooks, { explains: true })
    await handle([backOff({ via: 'ops-system/convert' })])
    expect(logged).toMatchObject([
      { id: 'e1', hook: 'ops-system/notices', fires: true, because: 'has "BackOff"' },
      { id: 'e1', hook: 'ops-system/quiet', fires: false, because: 'excluded by "pod1"' },
      { id: 'e1', hook: 'ops-system/convert', fires: false, because: 'it descends from this hook' },
      { id: 'e1', hook: 'ops-system/filtered', fires: false, because: 'a filter does not hold' },
      { id: 'e1', hook: 'ops-system/suspended', fires: true, because: 'no keywords' },
      { id: 'e1', hook: 'ops-system/suspended', because: 'suspended' },
    ])
    const silent = worldOf(hooks)
    await silent.handle([backOff()])
    expect(silent.logged).toEqual([])
  })
})
