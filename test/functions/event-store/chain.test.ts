import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../../infra/local/ports.ts'
import { ask } from '../../databases.ts'
import { natsVersions, ownNats, ownPostgres } from '../../servers.ts'
import { openRig, type TriggerInput, token, until } from '../bridge/rig.ts'
import { openSink } from '../bridge/sink.ts'
import { startDoor } from '../door.ts'
import { backOffs } from './events.ts'
import { sumsFor, sumsOf } from './rig.ts'

const trigger = (url: string): TriggerInput => ({
  ...{ name: 'event-store', filter: { subjects: ['ops.>'] }, sink: { uri: url } },
  ...{ delivery: { retry: 20 }, batch: 100, concurrency: 2, own: true },
})
const start = Date.now() - 3600_000
/** Events of the last hour. */
const recent = (many: number, from = 0) =>
  backOffs(many, from).map((event, at) => ({
    ...event,
    time: new Date(start + (from + at) * 10).toISOString(),
  }))
const occurrencesOf = (many: number) => backOffs(many).reduce((sum, _, at) => sum + (at % 4) + 1, 0)

/** An event-store at one place, one process after the other. */
async function mortalStore(env: NodeJS.ProcessEnv) {
  const port = await freePort()
  let stopped = false
  const born = () => startDoor('event-store', { port, env: { ...env, BRIDGE_TOKEN: token } })
  let living = await born()
  onTestFinished(async () => {
    stopped = true
    await living.kill()
  })
  return {
    url: `http://127.0.0.1:${port}/`,
    /** Kills it, and starts it again. */
    async die() {
      await living.kill()
      if (!stopped) living = await born()
    },
  }
}

describe.each(natsVersions)('event-store behind the bridge, on NATS %s', async version => {
  const nats = await ownNats(version)
  const postgres = await ownPostgres()
  const rig = await openRig(nats.url)
  // No pattern is found: what is told of one would be stored too.
  const env = { EVENT_ENDPOINT: nats.url, DATABASE_URL: postgres.url, PATTERN_COUNT: '1000000' }

  it('that is killed again and again has each event once in the end', async () => {
    const many = 5_000
    const store = await mortalStore(env)
    await rig.publish(recent(many))
    await rig.keep(trigger(store.url))
    const stored = async () => Number((await sumsOf(postgres.url).catch(() => undefined))?.events ?? 0)
    // Whenever something was stored since it lives, and at no certain point of what it does next.
    for (let death = 0; death < 5; death++) {
      const before = await stored()
      await until('it to store something', async () => {
        const now = await stored()
        return now > before || now === many
      })
      await pause((death * 7) % 20)
      await store.die()
    }
    await rig.idle('event-store')
    expect(await sumsOf(postgres.url)).toEqual(sumsFor(many, occurrencesOf(many)))
    expect(await rig.count('deadletters', 'deadletters.>')).toBe(0)
  }, 120_000)

  // What waits is the bridge's business, the same on both servers.
  if (version === 'current')
    it('waits for a database that is stopped or killed, and nothing else waits with it', async () => {
      const before = Number((await sumsOf(postgres.url))?.events)
      const store = await mortalStore(env)
      const others = await openSink()
      onTestFinished(() => others.close())
      await rig.keep(trigger(store.url))
      await rig.keep({
        ...{ name: 'others', deliverPolicy: 'new', filter: { subjects: ['ops.>'] } },
        ...{ sink: { uri: others.url }, batch: 100, own: true },
      })
      let next = 10_000
      const publish = async (many: number) => {
        await rig.publish(recent(many, next))
        next += many
      }
      await publish(500)
      await postgres.kill()
      await publish(500)
      await until('the others to go on', () => others.taken.size >= next - 10_000 - 500)
      await pause(3_000)
      await publish(500)
      await until('the others to go on', () => others.taken.size >= next - 10_000)
      expect(await rig.count('retries', 'retries.>')).toBe(0)
      await postgres.restart()
      await rig.idle('event-store')
      await postgres.kill('SIGSTOP')
      await publish(500)
      await until('the others to go on', () => others.taken.size >= next - 10_000)
      await postgres.kill('SIGCONT')
      await rig.idle('event-store')
      expect(await sumsOf(postgres.url)).toMatchObject({ events: before + 2_000, counted: before + 2_000 })
      expect(await rig.count('retries', 'retries.>')).toBe(0)
      expect(await rig.count('deadletters', 'deadletters.>')).toBe(0)
      expect(
        await ask(
          postgres.url,
          'select max(c)::int as most from (select count(*) c from events group by id) as x',
        ),
      ).toEqual([{ most: 1 }])
    }, 120_000)
})
