import { describe, expect, it } from 'vitest'
import { openTask } from '../../../../functions/webhook-deliver/tasks/open.ts'
import { type Starter, start } from '../../../../functions/webhook-deliver/tasks/start.ts'
import { type Message, PublishError } from '../../../../shared/adapters/publisher.ts'
import { Order } from '../../../../shared/orders.ts'
import { deliveryTo, idOf, taskHook } from './tasks.ts'

const now = Date.parse('2026-01-31T12:00:00Z')

async function opened(different: Partial<Starter> = {}, options: Record<string, string> = {}) {
  const published: Message[] = []
  const asked: unknown[] = []
  const destination = {
    ...{ url: '', additional: '' },
    options: { taskRef: 'remedy', 'variables.node': '{{data.node}}', ...options },
  }
  const starting = await openTask(taskHook('heal'), destination, 'UTC')
  const starter: Starter = {
    publish: async message => void published.push(message),
    allowance: async one => void asked.push(one),
    now: () => now,
    timeZone: 'UTC',
    ...different,
  }
  const orders = () => published.map(({ payload }) => Order.parse(JSON.parse(String(payload)).data))
  const deliver = (...[n, more]: Parameters<typeof deliveryTo> extends [string, ...infer R] ? R : never) =>
    start(deliveryTo('heal', n, more), starting, starter)
  return { deliver, published, asked, orders }
}

describe('start()', () => {
  it('orders a run of the Task, with the variables and where it comes from', async () => {
    const { deliver, published, orders } = await opened({}, { desc: 'heal {{data.node}}' })
    const more = { hops: 2, via: 'ops/other', correlationid: 'c-1', cluster: 'C1' }
    expect(await deliver(0xabc, more)).toEqual({ kind: 'done' })
    expect(orders()).toEqual([
      {
        ...{
          order: 'create',
          kind: 'TaskRun',
          namespace: 'ops',
          name: 'remedy-00000abcab',
          taskRef: 'remedy',
        },
        ...{ variables: { node: 'worker-1' }, desc: 'heal worker-1', hook: 'heal' },
        lineage: { causationid: `event-${0xabc}`, hops: 3, via: 'ops/other ops/heal', correlationid: 'c-1' },
      },
    ])
    const [message] = published
    expect(message).toMatchObject({
      subject: 'runs.ops.taskruns.remedy-00000abcab.create',
      headers: { 'content-type': 'application/cloudevents+json' },
    })
    expect(JSON.parse(String(message?.payload))).toMatchObject({
      id: message?.id,
      cluster: 'C1',
      type: 'RunOrder',
    })
  })

  it('makes the same of the same delivery, and another of another', async () => {
    const { deliver, published, orders } = await opened()
    await deliver(1)
    await deliver(1, { attempt: 2, replayid: 'r1' })
    await deliver(2)
    const ids = published.map(({ id }) => id)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
    expect(orders().map(order => 'name' in order && order.name)).toEqual([
      'remedy-00000001ab',
      'remedy-00000001ab',
      'remedy-00000002ab',
    ])
  })

  it('names the run of a Task with a very long name, and of a delivery with another id, all the same', async () => {
    const { deliver, orders } = await opened({}, { taskRef: 'x'.repeat(253) })
    await deliver(1, { deliveryid: 'by-hand' })
    const [order] = orders()
    expect(order && 'name' in order && order.name).toMatch(/^x{233}-[0-9a-f]{8}-[0-9a-f]{10}$/)
  })

  it('asks for a place once it knows what to start, and says when the next is free', async () => {
    const next = now + 90_000
    const { deliver, published } = await opened({ allowance: async () => next }, { maxPerHour: '2' })
    expect(await deliver(1)).toEqual({
      kind: 'drop',
      reason:
        'Hook "ops/heal": it has started 2 runs of Task "remedy" within an hour, as many as options.maxPerHour allows: the next at 2026-01-31T12:01:30.000Z',
    })
    expect(published).toEqual([])
    const { deliver: again, asked } = await opened()
    await again(1)
    expect(asked).toEqual([{ hook: 'ops/heal', delivery: idOf(1), most: 60, now }])
    await again(2, { data: { node: 'x'.repeat(102_401) } })
    expect(asked).toHaveLength(1)
  })

  it('drops what cannot be given, with the reason', async () => {
    const { deliver } = await opened()
    expect(await deliver(1, { data: { node: 'x'.repeat(102_401) } })).toEqual({
      kind: 'drop',
      reason:
        'Hook "ops/heal": options.variables.node makes 102401 bytes of this event, at most 102400 are allowed',
    })
  })

  it.each([
    ['unavailable', 'retry'],
    ['full', 'retry'],
    ['refused', 'drop'],
  ] as const)('makes of an order that is %s a %s', async (kind, outcome) => {
    const publish = () => Promise.reject(new PublishError(kind, 'Told so'))
    const { deliver } = await opened({ publish })
    expect(await deliver(1)).toEqual({ kind: outcome, reason: 'Hook "ops/heal": Told so' })
  })

  it.each(['held', 'digest', 'resolved'] as const)(
    'starts nothing for what noise control tells: %s',
    async notice => {
      const { deliver, published, asked } = await opened()
      expect(await deliver(1, { notice })).toEqual({ kind: 'done' })
      expect([published, asked]).toEqual([[], []])
    },
  )
})
