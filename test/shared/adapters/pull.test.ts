import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openPull, type Pulled } from '../../../shared/adapters/pull.ts'
import { logOf } from '../../../shared/log.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const pause = (time: number) => new Promise(resolve => setTimeout(resolve, time))

describe.each(natsVersions)('openPull() over nats-server %s', async version => {
  const server = await ownNats(version)

  let stages = 0
  async function stage(about: string, many: number, ackWait = 1_000) {
    // Of its own where a test is tried again.
    const name = `${about}-${++stages}`
    const nats = openNats(server.url, 'pull', logOf('pull', 'silent'))
    const nc = await nats.opened
    onTestFinished(() => nats.close())
    const jsm = await jetstreamManager(nc)
    await jsm.streams.add({ name, subjects: [`${name}.>`] })
    const consumer = { durable_name: 'c', ack_policy: AckPolicy.Explicit, ack_wait: ackWait * 1_000_000 }
    await jsm.consumers.add(name, consumer)
    const js = jetstream(nc)
    const publish = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => js.publish(`${name}.${index}`, `${index}`)))
    await publish(many)
    const info = () => jsm.consumers.info(name, 'c')
    return { name, nats, jsm, publish, info, consumer }
  }

  async function until(is: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await is()); turn++) {
      if (turn > 3_000) throw new Error('Waited a minute')
      await pause(20)
    }
  }

  it('never has more than there is room for', async () => {
    const { name, nats, info } = await stage('room', 500, 60_000)
    const held: Pulled[] = []
    let most = 0
    const take = (message: Pulled) => {
      held.push(message)
      most = Math.max(most, held.length)
    }
    const pull = openPull(
      nats,
      { stream: name, consumer: 'c' },
      { room: () => 20 - held.length, take, lost: async () => {} },
    )
    const seen = new Set<number>()
    await until(async () => {
      for (const message of held.splice(0, 7)) {
        seen.add(message.seq)
        message.ack()
      }
      pull.more()
      return seen.size === 500
    })
    await pull.stop()
    expect(most).toBeLessThanOrEqual(20)
    expect((await info()).delivered.consumer_seq).toBe(500)
  })

  it('reads place, time and subject of a message', async () => {
    const { name, nats } = await stage('place', 2)
    const taken: Pulled[] = []
    const pull = openPull(
      nats,
      { stream: name, consumer: 'c' },
      { room: () => 2 - taken.length, take: message => taken.push(message), lost: async () => {} },
    )
    pull.more()
    await until(() => taken.length === 2)
    await pull.stop()
    expect(
      taken.map(({ stream, subject, seq, deliveries, order }) => ({
        stream,
        subject,
        seq,
        deliveries,
        order,
      })),
    ).toEqual([
      { stream: name, subject: `${name}.0`, seq: 1, deliveries: 1, order: 1 },
      { stream: name, subject: `${name}.1`, seq: 2, deliveries: 1, order: 2 },
    ])
    expect(Math.abs((taken[0]?.stored ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  it('leaves no request behind when it stops, and takes what was on its way', async () => {
    const { name, nats, publish, info } = await stage('stop', 50)
    const taken: Pulled[] = []
    const pull = openPull(
      nats,
      { stream: name, consumer: 'c' },
      { room: () => 1_000, take: message => taken.push(message), lost: async () => {} },
    )
    pull.more()
    await pull.stop()
    const before = taken.length
    await publish(50)
    await pause(200)
    expect(taken.length).toBe(before)
    expect((await info()).num_waiting).toBe(0)
    expect((await info()).delivered.consumer_seq).toBe(before)
  })

  it('says when the consumer is gone, and goes on once it is there again', { timeout: 60_000 }, async () => {
    const { name, nats, jsm, publish, consumer } = await stage('gone', 1)
    const reasons: string[] = []
    let taken = 0
    const lost = async (reason: string) => {
      await jsm.consumers.add(name, { ...consumer, deliver_policy: 'new' as never })
      reasons.push(reason)
    }
    const take = (message: Pulled) => {
      taken++
      message.ack()
    }
    const pull = openPull(nats, { stream: name, consumer: 'c' }, { room: () => 10, take, lost })
    pull.more()
    await until(() => taken === 1)
    await jsm.consumers.delete(name, 'c')
    await until(() => reasons.length > 0)
    await pause(200)
    await publish(3)
    await until(() => taken === 4)
    expect(reasons[0]).toMatch(/deleted|503/i)
    await pull.stop()
  })

  it('asks again at once when the server was killed and came back', async () => {
    const { name, nats, publish } = await stage('killed', 1)
    let taken = 0
    let reconnected = 0
    const take = (message: Pulled) => {
      taken++
      message.ack()
    }
    const pull = openPull(
      nats,
      { stream: name, consumer: 'c' },
      {
        ...{ room: () => 10, take, lost: async () => {}, reconnected: () => reconnected++ },
      },
    )
    pull.more()
    await until(() => taken === 1)
    await server.restart()
    await until(() => reconnected === 1)
    await publish(3)
    const at = performance.now()
    await until(() => taken >= 4)
    expect(performance.now() - at).toBeLessThan(20_000)
    await pull.stop()
  })
})
