import { describe, expect, it, onTestFinished } from 'vitest'
import { functionNames } from '../../infra/install/secrets.ts'
import { ownBundles } from '../bundles.ts'
import { callsOf, ids, takesBatches } from '../calls.ts'
import { ask, lockEvents, waiting } from '../databases.ts'
import { needing } from '../needing.ts'
import { startPod } from './pod.ts'

needing(['Knative Serving'], () =>
  describe("behind Knative's queue-proxy", async () => {
    const { local, database, bundleOf } = await ownBundles()

    async function awake(name: string) {
      const pod = await startPod(name, bundleOf(name))
      onTestFinished(() => pod.proxy.kill())
      const ready = pod.probed()
      const child = await pod.startFunction()
      onTestFinished(() => child.kill())
      expect(await ready).toBe(200)
      return { ...pod, child, ...callsOf(name, { url: pod.url, tokens: local }) }
    }

    it.each(functionNames.filter(takesBatches))(
      '%s is let in as soon as it is ready, and takes its first event and a batch of fifty',
      async name => {
        const { rows } = await awake(name)
        expect(await rows(['first'])).toEqual({ status: 200, answered: ['first'] })
        expect(await rows(ids(50))).toEqual({ status: 200, answered: ids(50) })
      },
    )

    it('subject-ingest takes an event of the outside', async () => {
      const { post } = await awake('subject-ingest')
      const answer = await post(['first'])
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
      const stored = async (like: string) => {
        const rows = await ask<{ id: string }>(
          database,
          'select id from events where id like $1 order by id',
          [like],
        )
        return rows.map(({ id }) => id)
      }

      it('what it has no place for is told 503, and the bridge keeps that; the rest waits and is stored', async () => {
        const pod = await awake('event-store')
        expect((await pod.post(['first'])).status).toBe(200)
        // Two at work, ten times as many in the proxy's queue.
        const names = ids(30, 'full')
        const unlock = await lockEvents(database)
        const answers = names.map(name => pod.post([name]))
        const refusal = await Promise.race(answers)
        expect([refusal.status, await refusal.text()]).toEqual([503, 'pending request queue full\n'])
        await unlock()
        const statuses = (await Promise.all(answers)).map(({ status }) => status)
        const taken = names.filter((_, index) => statuses[index] === 200)
        expect(taken.length).toBeGreaterThanOrEqual(20)
        expect(new Set(statuses)).toEqual(new Set([200, 503]))
        expect(await stored('full-%')).toEqual(taken.sort())
      })

      it('a pod that is taken away answers what it is in the middle of, as Kubernetes ends it', async () => {
        const pod = await awake('event-store')
        const unlock = await lockEvents(database)
        const held = pod.rows(ids(50, 'end'))
        await expect.poll(() => waiting(database)).toBe(1)
        void pod.proxy.kill('SIGTERM')
        const drained = pod.drained()
        await expect.poll(pod.probed).toBe(503)
        // Who has not heard of it yet still gets through.
        const late = pod.post(['end-late'])
        await expect.poll(() => waiting(database)).toBe(2)
        await unlock()
        expect((await late).status).toBe(200)
        expect((await drained).status).toBe(200)
        await pod.child.stop(30_000)
        expect(await held).toEqual({ status: 200, answered: ids(50, 'end') })
        expect(await stored('end-%')).toHaveLength(51)
        expect(await pod.child.exited).toBe('code 0')
        expect(await pod.proxy.exited).toBe('code 0')
      }, 90_000)
    })
  }),
)
