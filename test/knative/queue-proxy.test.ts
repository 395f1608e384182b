import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildAll } from '../../infra/build.ts'
import { localSettings } from '../../infra/local/local.ts'
import { environmentOf, processes } from '../../infra/local/processes.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { ownSource } from '../../shared/event.ts'
import { BatchAnswer } from '../../shared/outcome.ts'
import { ownNats, ownPostgres, ownRedis } from '../servers.ts'
import { withKnative } from './describe.ts'
import { startPod } from './pod.ts'

const root = new URL('../..', import.meta.url).pathname
const event = (id: string) => ({
  ...{ specversion: '1.0', id, source: ownSource, type: 'Default', datacontenttype: 'application/json' },
  ...{ subject: 'ops.clusters.c.nodes.n.events', time: '2026-01-31T12:00:00Z', data: { message: 'm' } },
})
type Asked = { path: string; type: string; token: string }
const ids = (count: number) => Array.from({ length: count }, (_, index) => `event-${index}`)

withKnative('serving', () =>
  describe("behind Knative's queue-proxy", async () => {
    const [nats, redis, postgres] = await Promise.all([ownNats(), ownRedis(), ownPostgres()])
    const dir = await mkdtemp(join(tmpdir(), 'ops-events-queue-proxy-'))
    afterAll(() => rm(dir, { recursive: true, force: true }))
    await Promise.all([buildAll(dir), makeStreams(nats.url)])
    const base = { ...process.env, EVENT_CLUSTER: 'mycluster' }
    const servers = {
      nats: nats.url,
      redis: redis.url,
      postgres: postgres.url,
      url: () => 'http://127.0.0.1:1',
    }
    const local = localSettings({ root, dir, env: base, cwd: root }, servers)

    async function podOf(name: string) {
      const row = processes.find(process => process.name === name)
      if (!row) throw new Error(`There is no process "${name}"`)
      const env = environmentOf(row, { local, port: 0, base })
      const pod = await startPod(name, { bundle: join(dir, name, 'index.js'), env })
      onTestFinished(() => pod.proxy.kill())
      const post = (body: unknown, asked: Partial<Asked> = {}) => {
        const { path, type, token } = {
          path: '/',
          type: mediaTypes.batch,
          token: local.bridgeToken,
          ...asked,
        }
        return fetch(`${pod.url}${path}`, {
          ...{ method: 'POST', body: JSON.stringify(body) },
          headers: { authorization: `Bearer ${token}`, 'content-type': type },
        })
      }
      return { ...pod, post }
    }

    async function awake(name: string) {
      const pod = await podOf(name)
      const ready = pod.probed()
      const child = await pod.startFunction()
      onTestFinished(() => child.kill())
      expect(await ready).toBe(200)
      return { ...pod, child }
    }

    it.each(['hook-evaluate', 'webhook-deliver', 'cron-taskrun', 'event-store'])(
      '%s is let in as soon as it is ready, and takes its first event and a batch of fifty',
      async name => {
        const pod = await awake(name)
        const rows = async (names: string[]) => {
          const answer = await pod.post(names.map(event))
          return {
            status: answer.status,
            answered: BatchAnswer.parse(await answer.json()).results.map(({ id }) => id),
          }
        }
        expect(await rows(['first'])).toEqual({ status: 200, answered: ['first'] })
        expect(await rows(ids(50))).toEqual({ status: 200, answered: ids(50) })
      },
    )

    it('subject-ingest takes an event of the outside', async () => {
      const { post } = await awake('subject-ingest')
      const path = '/api/v1/namespaces/n/events/nodes.n.events'
      const answer = await post({ message: 'm' }, { path, type: 'application/json', token: local.token })
      expect(await answer.json()).toMatchObject({
        data: { subject: 'ops.clusters.mycluster.nodes.n.events' },
      })
    })

    it('ops-api is followed: the proxy keeps nothing back', async () => {
      const { url } = await awake('ops-api')
      const tail = await fetch(`${url}/api/v1/tail`, { headers: { authorization: `Bearer ${local.token}` } })
      const { value } = (await tail.body?.getReader().read()) ?? {}
      expect(Buffer.from(value ?? []).toString()).toContain(': from here on')
    })

    describe('event-store and a slow database', async () => {
      async function slowly<T>(what: (unlock: () => Promise<unknown>) => Promise<T>): Promise<T> {
        const client = new pg.Client(postgres.url)
        await client.connect()
        onTestFinished(() => client.end())
        await client.query('begin; lock table events in access exclusive mode')
        return what(() => client.query('commit'))
      }
      const stored = async (like: string) => {
        const client = new pg.Client(postgres.url)
        await client.connect()
        const { rows } = await client.query('select id from events where id like $1 order by id', [like])
        await client.end()
        return rows.map(({ id }) => id)
      }

      it('what it has no place for is told 503, and the bridge keeps that; the rest waits and is stored', async () => {
        const pod = await awake('event-store')
        expect((await pod.post([event('first')])).status).toBe(200)
        // Two at work, ten times as many in the proxy's queue.
        const names = ids(30).map(id => `full-${id}`)
        const statuses = await slowly(async unlock => {
          const answers = names.map(name => pod.post([event(name)]))
          const refused = await Promise.race(answers)
          expect(refused.status).toBe(503)
          await unlock()
          return Promise.all(answers.map(async answer => (await answer).status))
        })
        const taken = names.filter((_, index) => statuses[index] === 200)
        expect(taken.length).toBeGreaterThanOrEqual(20)
        expect(new Set(statuses)).toEqual(new Set([200, 503]))
        expect(await stored('full-%')).toEqual(taken.sort())
      })

      it('a pod that is taken away answers what it is in the middle of, as Kubernetes ends it', async () => {
        const pod = await awake('event-store')
        const answer = await slowly(async unlock => {
          const held = pod.post(ids(50).map(id => event(`end-${id}`)))
          await expect.poll(waiting).toBe(1)
          void pod.proxy.kill('SIGTERM')
          const drained = pod.drained()
          await expect.poll(pod.probed).toBe(503)
          // Who has not heard of it yet still gets through.
          const late = pod.post([event('end-late')])
          await expect.poll(waiting).toBe(2)
          await unlock()
          expect((await late).status).toBe(200)
          expect((await drained).status).toBe(200)
          await pod.child.stop(30_000)
          return held
        })
        expect(BatchAnswer.parse(await answer.json()).results).toHaveLength(50)
        expect(await stored('end-%')).toHaveLength(51)
        expect(await pod.child.exited).toBe('code 0')
        expect(await pod.proxy.exited).toBe('code 0')
      }, 90_000)

      async function waiting() {
        const client = new pg.Client(postgres.url)
        await client.connect()
        const { rowCount } = await client.query(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock'",
        )
        await client.end()
        return rowCount
      }
    })
  }),
)

// As the bridge does at its start.
async function makeStreams(url: string): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const nats = openNats(url, 'bridge', log)
  await ensureStreams(await nats.opened, 1, log)
  await nats.close()
}
