import { describe, expect, it, onTestFinished } from 'vitest'
import { natsOfTry, natsVersions } from '../../servers.ts'
import { type Bus, bearer, type Door, look, openDoor, ready } from './door.ts'

/** Posts so many at once, each again with its key where it is told to: the ids of those that were taken, and all statuses. */
async function storm(door: Door, count: number, atTheFirst: () => void) {
  let answered = 0
  const post = async (n: number) => {
    const headers = { ...bearer, 'content-type': 'application/json', 'idempotency-key': `storm-${n}` }
    const answer = await door.post('a', { n }, { headers }).catch(() => undefined)
    if (answered++ === 0) atTheFirst()
    return answer
  }
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      for (;;) {
        const answer = await post(n)
        if (answer?.status !== 503) return answer
      }
    }),
  )
  const accepted = answers.flatMap(answer => answer?.data ?? []).map(({ id }) => id)
  return { accepted, statuses: new Set(answers.map(answer => answer?.status ?? 'no answer')) }
}

const whenDone = onTestFinished

/** Everything anew for each try: what the one before has stored or killed is not there. */
async function begin(version: 'current' | '2.9.10' = 'current') {
  const nats = await natsOfTry(version)
  const bus: Bus = await look(nats)
  onTestFinished(bus.close)
  const door = await openDoor(nats, { whenDone })
  await ready(door)
  return { nats, bus, door }
}

describe('subject-ingest without NATS', () => {
  it('listens, answers 503, and recovers by itself', async () => {
    const nats = await natsOfTry()
    await nats.kill()
    const door = await openDoor(nats, { whenDone })
    expect((await fetch(`${door.url}/readyz`)).status).toBe(503)
    const refused = await door.post('a', {})
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect(refused.message).toMatch(/did not acknowledge .* send it again/)
    await nats.restart()
    await (await look(nats)).close()
    await ready(door)
    expect(await door.post('a', {})).toMatchObject({ status: 200 })
  })
})

describe('subject-ingest that is asked to stop', () => {
  it('loses no event that it accepted', async () => {
    const { bus, door } = await begin()
    const { accepted, statuses } = await storm(door, 200, () => void door.child.kill('SIGTERM'))
    expect(await door.child.exited).toBe('code 0')
    expect(accepted.length).toBeGreaterThan(0)
    expect([200, 'no answer']).toEqual(expect.arrayContaining([...statuses]))
    const stored = new Set((await bus.stored()).map(({ event }) => event.id))
    expect(accepted.filter(id => !stored.has(id))).toEqual([])
  })
})

describe.each(natsVersions)('subject-ingest while NATS %s is killed', version => {
  it('loses no event and stores none twice', async () => {
    const { nats, bus, door } = await begin(version)
    const restarted: Promise<void>[] = []
    // A caller is told to come again where the outage is longer than the patience of the publisher.
    const { accepted, statuses } = await storm(door, 1_000, () => {
      restarted.push(nats.kill().then(() => nats.restart()))
    })
    await Promise.all(restarted)
    expect([...statuses]).toEqual([200])
    const stored = (await bus.stored()).map(({ event }) => event.id)
    expect(stored).toHaveLength(1_000)
    expect(new Set(stored)).toEqual(new Set(accepted))
  })
})
