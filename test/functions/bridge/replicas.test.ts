import { describe, expect, it, onTestFinished } from 'vitest'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { openSink } from './sink.ts'

async function sinkOf(reply?: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

const slow = async () => {
  await pause(30)
  return () => 200
}

/** Are the first successes of each object in the order of publishing? */
function disorder(sent: { id: string; subject: string }[], taken: Iterable<string>): string[] {
  const subjects = new Map(sent.map(({ id, subject }) => [id, subject]))
  const ranks = new Map(sent.map(({ id }, index) => [id, index]))
  const last = new Map<string, number>()
  const wrong: string[] = []
  for (const id of taken) {
    const subject = subjects.get(id) ?? ''
    const rank = ranks.get(id) ?? -1
    if (rank < (last.get(subject) ?? -1)) wrong.push(`${id} came late on ${subject}`)
    last.set(subject, Math.max(rank, last.get(subject) ?? -1))
  }
  return wrong
}

describe.each(natsVersions)('several bridges over nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)
  const events = (name: string, many: number, objects = 1) =>
    Array.from({ length: many }, (_, index) => rig.event(`ops.${name}.o${index % objects}.events`))
  const trigger = (name: string, uri: string) => ({
    name,
    filter: { subjects: [`ops.${name}.>`] },
    sink: { uri },
    batch: 10,
    concurrency: 4,
    own: true,
  })

  it('share one durable, show their metrics, and lose nothing when one is killed', async () => {
    const sink = await sinkOf(slow)
    const own = trigger('shared', sink.url)
    const [one, two] = await Promise.all([rig.process([own]), rig.process([own])])
    await rig.publish(events('shared', 2_000))
    await until('some to be delivered', () => sink.taken.size > 300)
    const page = await (await fetch(`${two.url}/metrics`)).text()
    expect(
      Number(/^ops_bridge_delivered_events_total\{trigger="shared"\} (\d+)$/m.exec(page)?.[1]),
    ).toBeGreaterThan(0)
    expect(page).toMatch(/^ops_bridge_in_flight_events\{trigger="shared"\} \d+$/m)
    expect(page).toMatch(/^ops_bridge_request_duration_seconds_count\{trigger="shared"\} [1-9]/m)
    await one.kill()
    await until('all to be delivered', () => sink.taken.size === 2_000)
    const three = await rig.process([own])
    await rig.publish(events('shared', 10))
    await until('more to be delivered', () => sink.taken.size === 2_010)
    await two.kill()
    await three.kill()
  })

  it('finish what is in flight on SIGTERM, exit with 0, and hand back the rest at once', async () => {
    const sink = await sinkOf(async () => {
      await pause(500)
      return () => 200
    })
    const own = trigger('polite', sink.url)
    const one = await rig.process([own])
    await rig.publish(events('polite', 200))
    await until('requests in flight', () => sink.calls.length >= 3)
    const asked = performance.now()
    const two = await rig.process([own])
    await one.kill('SIGTERM')
    expect(await one.exited).toBe('code 0')
    expect(performance.now() - asked).toBeLessThan(30_000)
    await until('all to be delivered', () => sink.taken.size === 200)
    expect([...sink.taken.values()].filter(times => times > 1)).toEqual([])
    await two.kill()
  })

  it('hand an ordered trigger over at once on SIGTERM, and soon after a kill, in order', async () => {
    const sink = await sinkOf(slow)
    const own = { ...trigger('handed', sink.url), ordered: true }
    const sent = events('handed', 6_000, 60)
    const first = await rig.process([own])
    const second = await rig.process([own])
    const publishing = (async () => {
      for (let at = 0; at < sent.length; at += 30) {
        await rig.publish(sent.slice(at, at + 30))
        await pause(60)
      }
    })()
    await until('the first to work', () => sink.taken.size > 300)
    await first.kill('SIGTERM')
    const before = sink.taken.size
    const asked = performance.now()
    await until('the second to work', () => sink.taken.size > before + 100)
    expect(performance.now() - asked).toBeLessThan(15_000)
    const third = await rig.process([own])
    await second.kill()
    const killed = sink.taken.size
    const killedAt = performance.now()
    await until('the third to work', () => sink.taken.size > killed + 100)
    const took = performance.now() - killedAt
    await publishing
    await until('all to be delivered', () => sink.taken.size === sent.length)
    expect(disorder(sent, sink.taken.keys())).toEqual([])
    expect(took).toBeLessThan(40_000)
    await third.kill()
  }, 180_000)

  if (version === 'current')
    it('count out a holder that stood still: it sends nothing when it wakes', async () => {
      const sink = await sinkOf(slow)
      const own = { ...trigger('still', sink.url), ordered: true }
      const sent = events('still', 3_000, 30)
      const first = await rig.process([own], { BRIDGE_TOKEN: 'the-token-of-the-first' })
      const second = await rig.process([own], { BRIDGE_TOKEN: 'the-token-of-the-second' })
      const publishing = (async () => {
        for (let at = 0; at < sent.length; at += 15) {
          await rig.publish(sent.slice(at, at + 15))
          await pause(80)
        }
      })()
      await until('the first to work', () => sink.taken.size > 300)
      await first.kill('SIGSTOP')
      await pause(200)
      const before = sink.calls.length
      await pause(10_000)
      await until('the second to work', () => sink.calls.length > before + 5)
      await first.kill('SIGCONT')
      await publishing
      await until('all to be delivered', () => sink.taken.size === sent.length)
      const late = sink.calls.slice(before).filter(({ headers }) => headers.authorization?.endsWith('-first'))
      expect(late).toEqual([])
      expect(disorder(sent, sink.taken.keys())).toEqual([])
      await second.kill()
    }, 180_000)
})
