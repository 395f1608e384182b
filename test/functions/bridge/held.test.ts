import { AckPolicy } from '@nats-io/jetstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Order, orderEvent } from '../../../shared/orders.ts'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { type Call, openSink, type Reply } from './sink.ts'

const now = new Date('2026-01-31T12:00:00Z')
const object = (name: string) => ({ namespace: 'shop', name, uid: `uid-${name}` })
const eventOf = (order: Order) => orderEvent(order, { what: 'once', cluster: 'c', now })
const start = (name: string) => eventOf({ order: 'start', kind: 'TaskRun', ...object(name) })
const due = (name: string) =>
  eventOf({ order: 'due', kind: 'TaskRun', ...object(name), due: now.toISOString() })
const overdue = (name: string) => eventOf({ order: 'overdue', kind: 'TaskRun', ...object(name) })

/** A function that holds each `start` until it is let go, and answers all else at once. */
async function holding() {
  const held: { id: string; go(reply: Reply): void }[] = []
  let reply: Reply | undefined
  const sink = await openSink(call => {
    if (!idOf(call).startsWith('start') || reply) return reply ?? { status: 200 }
    return new Promise(go => held.push({ id: idOf(call), go }))
  })
  onTestFinished(sink.close)
  return {
    url: sink.url,
    /** What was asked so far, as `order name`. */
    asked: () => sink.calls.map(idOf),
    held,
    /** Answers all that is held, and from now on everything. */
    letGo(said: Reply = { status: 200 }) {
      reply = said
      for (const { go } of held) go(said)
    },
  }
}
const idOf = ({ body }: Call) => {
  const { order, name } = JSON.parse(body)
  return `${order} ${name}`
}
const times = (list: string[], one: string) => list.filter(each => each === one).length

describe.each(natsVersions)('orders for runs that are held, over nats-server %s,', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)
  const left = () => rig.count('runs', 'runs.>')

  it('go out once, however long one takes, and those of others and of the same object go by', async () => {
    const run = await holding()
    await rig.process([], { CRON_TASKRUN_URL: run.url })
    await rig.publish([start('a'), start('b')])
    await until('both to be held', () => run.held.length === 2)
    // Longer than the lease of a message.
    await pause(8_000)
    await rig.publish([overdue('a'), due('c')])
    await until('the others', async () => (await left()) === 2)
    expect(run.asked().sort()).toEqual(['due c', 'overdue a', 'start a', 'start b'])
    run.letGo()
    await until('the end', async () => (await left()) === 0)
    expect(run.asked()).toHaveLength(4)
  }, 60_000)

  it('let others go by when as many are held as may be', async () => {
    const run = await holding()
    await rig.process([], { CRON_TASKRUN_URL: run.url })
    await rig.publish(Array.from({ length: 100 }, (_, index) => start(`many-${index}`)))
    await until('as many as may be', () => run.held.length >= 64)
    const others = Array.from({ length: 20 }, (_, index) => [due(`d-${index}`), overdue(`many-${index}`)])
    await rig.publish(others.flat())
    await until('the others', async () => (await left()) === 100)
    run.letGo()
    await until('the end', async () => (await left()) === 0)
    expect(new Set(run.asked()).size).toBe(140)
    expect(run.asked()).toHaveLength(140)
  }, 60_000)

  it.each(['stop', 'kill'] as const)(
    'come again to the next bridge after a %s, and wait for their twin',
    async way => {
      const run = await holding()
      const first = await rig.process([], { CRON_TASKRUN_URL: run.url })
      await rig.publish([start(way)])
      await until('it to be held', () => run.held.length === 1)
      const gone = way === 'stop' ? first.stop(30_000) : first.kill()
      await rig.process([], { CRON_TASKRUN_URL: run.url })
      if (way === 'stop') {
        // It waits a while for what it has asked for.
        run.letGo()
        await gone
        await until('the end', async () => (await left()) === 0)
        return expect(run.asked()).toEqual(['start stop'])
      }
      await until('it to come again', () => run.asked().length === 2)
      // The function tells the second that the first is still at it: that counts as no attempt.
      run.held[1]?.go({ status: 503, body: '{"message":"It runs","attempted":false}' })
      await until('it to be asked once more', () => run.asked().length === 3)
      run.letGo()
      await until('the end', async () => (await left()) === 0)
      expect(times(run.asked(), 'start kill')).toBe(run.asked().length)
      expect(await rig.deadLetters('cron-taskrun')).toEqual([])
    },
    60_000,
  )

  if (version === 'current')
    it('find the consumer of a server that had one filter for each, and divide it', async () => {
      const older = { durable_name: 'cron-taskrun', ack_policy: AckPolicy.Explicit, filter_subject: 'runs.>' }
      for (const name of ['cron-taskrun', 'cron-taskrun-held'])
        await rig.jsm.consumers.delete('runs', name).catch(() => false)
      await rig.jsm.consumers.add('runs', older)
      const run = await holding()
      await rig.publish([start('old'), due('old')])
      await rig.process([], { CRON_TASKRUN_URL: run.url })
      await until('both', () => run.asked().length === 2)
      run.letGo()
      await until('the end', async () => (await left()) === 0)
    }, 60_000)
})
