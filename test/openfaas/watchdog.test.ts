import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { functionNames } from '../../infra/install/secrets.ts'
import { provideWatchdog } from '../../infra/local/programs/openfaas.ts'
import { ownBundles } from '../bundles.ts'
import { callsOf, ids, takesBatches } from '../calls.ts'
import { ask, lockEvents, waiting } from '../databases.ts'
import { needing } from '../needing.ts'
import { halted } from './halted.ts'
import { statusOf, under } from './under.ts'

// The watchdog of December 2018. It hands requests, answers and SIGTERM on as the one of today does, but knows nothing of
// ready_path, max_inflight, healthcheck_interval, log_buffer_size and prefix_logs, and keeps back what is streamed:
// index.ts tries these with a newer one.
needing(['of-watchdog'], () =>
  describe("under OpenFaaS' of-watchdog", async () => {
    const watchdog = await provideWatchdog()
    const { local, database, nats, dir, bundleOf } = await ownBundles()

    async function awake(name: string) {
      const { file } = bundleOf(name)
      const pod = await under(watchdog, { name, file, local, dir: join(dir, 'mounted', name) })
      // Killed, it would leave the function behind.
      onTestFinished(() => pod.child.stop(30_000))
      return { ...pod, ...callsOf(name, { url: pod.url, tokens: local }) }
    }

    it.each(functionNames.filter(takesBatches))(
      '%s takes its first event and a batch of fifty, and none of a stranger',
      async name => {
        const pod = await awake(name)
        expect(await statusOf(`${pod.url}/_/health`)).toBe(200)
        expect(await pod.rows(['first'])).toEqual({ status: 200, answered: ['first'] })
        expect(await pod.rows(ids(50))).toEqual({ status: 200, answered: ids(50) })
        expect((await pod.post(['strange'], 'a-token-of-somebody-else')).status).toBe(401)
      },
    )

    it('ops-api takes a silence, and none of a stranger', async () => {
      const { post } = await awake('ops-api')
      expect((await post(['night'])).status).toBe(201)
      expect((await post(['strange'], 'a-token-of-somebody-else')).status).toBe(401)
    })

    it('subject-ingest says when to come back while the bus is away', async () => {
      const { post } = await awake('subject-ingest')
      expect((await post(['first'])).status).toBe(200)
      expect((await post(['strange'], 'a-token-of-somebody-else')).status).toBe(401)
      onTestFinished(() => nats.kill('SIGCONT'))
      await nats.kill('SIGSTOP')
      const { status, headers } = await post(['lost'])
      expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    })

    // Whenever Node ends, this watchdog takes the end of what it prints for an error.
    const ended = 'code 1'

    it.each(functionNames)('%s answers what it is in the middle of when its pod is ended', async name => {
      const pod = await awake(name)
      const { held, later, health, ended: how } = await halted(pod)
      expect({ held, later, health, how }).toEqual({ held: pod.answers, later: 500, health: 503, how: ended })
    })

    it('event-store stores the fifty that it holds when its pod is ended', async () => {
      const pod = await awake('event-store')
      const unlock = await lockEvents(database)
      const held = pod.rows(ids(50, 'end'))
      await expect.poll(() => waiting(database)).toBe(1)
      void pod.child.kill('SIGTERM')
      await expect.poll(() => statusOf(`${pod.url}/healthz`)).toBe(500)
      await unlock()
      expect(await held).toEqual({ status: 200, answered: ids(50, 'end') })
      expect(await ask(database, "select 1 from events where id like 'end-%'")).toHaveLength(50)
      expect(await pod.child.exited).toBe(ended)
    })
  }),
)
