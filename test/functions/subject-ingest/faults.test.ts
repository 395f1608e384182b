import { describe, expect, it } from 'vitest'
import { natsVersions, ownNats } from '../../servers.ts'
import { type Door, look, openDoor, ready } from './door.ts'

/** Posts so many at once: the ids of those that were answered with 200, and all statuses. */
async function storm(door: Door, count: number, atTheFirst: () => void) {
  let answered = 0
  const posts = Array.from({ length: count }, async (_, n) => {
    const answer = await door.post('a', { n }).catch(() => undefined)
    if (answered++ === 0) atTheFirst()
    return answer
  })
  const answers = await Promise.all(posts)
  const accepted = answers.flatMap(answer => answer?.data ?? []).map(({ id }) => id)
  return { accepted, statuses: new Set(answers.map(answer => answer?.status ?? 'no answer')) }
}

describe('subject-ingest without NATS', async () => {
  const nats = await ownNats()
  await nats.kill()
  const door = await openDoor(nats)

  it('listens, answers 503, and recovers by itself', async () => {
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

describe('subject-ingest that is asked to stop', async () => {
  const nats = await ownNats()
  const bus = await look(nats)
  const door = await openDoor(nats)
  await ready(door)

  it('loses no event that it accepted', async () => {
    const { accepted, statuses } = await storm(door, 200, () => void door.child.kill('SIGTERM'))
    expect(await door.child.exited).toBe('code 0')
    expect(accepted.length).toBeGreaterThan(0)
    expect([200, 'no answer']).toEqual(expect.arrayContaining([...statuses]))
    const stored = new Set((await bus.stored()).map(({ event }) => event.id))
    expect(accepted.filter(id => !stored.has(id))).toEqual([])
    await bus.close()
  })
})

describe.each(natsVersions)('subject-ingest while NATS %s is killed', async version => {
  const nats = await ownNats(version)
  const bus = await look(nats)
  const door = await openDoor(nats)
  await ready(door)

  it('loses no event and stores none twice', async () => {
    const restarted: Promise<void>[] = []
    const { accepted, statuses } = await storm(door, 1_000, () => {
      restarted.push(nats.kill().then(() => nats.restart()))
    })
    await Promise.all(restarted)
    // The outage is shorter than the patience of the publisher.
    expect([...statuses]).toEqual([200])
    const stored = (await bus.stored()).map(({ event }) => event.id)
    expect(stored).toHaveLength(1_000)
    expect(new Set(stored)).toEqual(new Set(accepted))
    await bus.close()
  })
})
