import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { memoryIn } from '../functions/watcher/runs/memory.ts'
import { watchRuns } from '../functions/watcher/runs/run-watch.ts'
import { bucketIn } from '../shared/adapters/kv.ts'
import { openNats } from '../shared/adapters/nats.ts'
import { changesInKv } from '../shared/adapters/objects/changes.ts'
import { objectsInKv } from '../shared/adapters/objects/kv.ts'
import { publisherOver } from '../shared/adapters/publisher.ts'
import type { OpsEvent } from '../shared/event.ts'
import { openReceiver, startChain } from './chain.ts'
import { hears } from './hears.ts'
import { quiet } from './quiet.ts'
import { natsVersions } from './servers.ts'

const seed = parse(
  readFileSync(join(import.meta.dirname, 'fixtures/resources/taskrun-of-the-article.yaml'), 'utf8'),
)

/** What it starts, and who is told: a Task that finds something, and a hook like those of the older system. */
const resources = (receiver: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: Task
metadata: { name: alert-hosts-card, namespace: ops-system }
spec:
  variables:
    machine: { default: gpu-7 }
    threshold: { default: '8' }
  steps:
    - name: count
      content: echo 7
    - name: report
      content: |
        value="\${steps.count.output}"
        [ "$value" -lt "\${threshold}" ] && status=alerting || status=normal
        curl -sf -X POST $OPSSERVER_ENDPOINT/api/v1/namespaces/$NAMESPACE/events/hosts.\${machine}.findings -d @- <<END
        {"host": "\${machine}", "type": "TaskRunReport", "kind": "$TASKRUN", "threshold": "\${threshold}", "operator": "<",
        "value": "$value", "status": "$status", "message": "$value cards of \${threshold}"}
        END
---
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: alert-hosts-card, namespace: ops-system }
spec:
  type: webhook
  subject: ops.clusters.*.namespaces.*.hosts.*.findings
  keywords:
    matchMode: ALL
    include: [alerting, alert-hosts-card]
  url: ${receiver}/findings
`

const patience = { timeout: 30_000, interval: 50 }
const [hour, minute] = [3_600_000, 60_000]

describe.each(natsVersions)(
  'alert-hosts-card at the half hour, with two watchers and NATS %s,',
  async version => {
    const receiver = await openReceiver()
    const dir = mkdtempSync(join(tmpdir(), 'half-hour-'))
    writeFileSync(join(dir, 'all.yaml'), resources(receiver.url))
    const chain = await startChain(dir, version)
    const nats = openNats(chain.nats, 'test', quiet)
    // The last half hour that was: the runs themselves have the time of the day.
    const halfHour = Math.floor((Date.now() - hour / 2 - minute) / hour) * hour + hour / 2
    let now = halfHour - 10 * minute
    const wall = () => now
    const objects = objectsInKv(nats, { now: wall })
    const heard: OpsEvent[] = []
    const stops: (() => Promise<void>)[] = []

    /** A watcher that goes by the clock of this test, with a connection of its own. */
    async function watcher() {
      const own = openNats(chain.nats, 'watcher', quiet)
      const ending = new AbortController()
      const sleep = (ms: number) => pause(ms)
      const memory = memoryIn(bucketIn(own, 'checkpoints'), { cluster: 'mycluster', wall, sleep, log: quiet })
      const watch = watchRuns({
        ...{ cluster: 'mycluster', timeZone: 'UTC', jobs: false, wall, given: memory.given },
        publish: publisherOver(own).publish,
        ...{
          odd(id, error) {
            throw new Error(`Cannot follow ${id}`, { cause: error })
          },
          ordered() {},
          missed() {},
        },
      })
      const reading = { failed() {}, sleep }
      for (const kind of ['TaskRun', 'PipelineRun', 'Host', 'Cluster'] as const)
        void (async () => {
          for await (const change of changesInKv(own, kind, reading, ending.signal)) watch.take(kind, change)
        })()
      watch.begin(await memory.read())
      const end = async () => {
        ending.abort()
        await own.close()
      }
      stops.push(end)
      await vi.waitFor(() => expect(watch.schedules()).toBe(1))
      return {
        /** Looks at the clock; what it has done is remembered. */
        async look() {
          watch.tick()
          await vi.waitFor(() => expect(watch.reached()?.given).toBe(now))
          const reached = watch.reached()
          if (reached) await memory.remember({ ...reached, news: true })
        },
        /** It looks at the clock, and is no more: whether its order is out nobody knows. */
        async dies() {
          watch.tick()
          await end()
        },
      }
    }

    const runs = async () =>
      (await objects.list('TaskRun', { namespace: 'ops-system' })).filter(({ spec }) => !spec.crontab)
    const findings = () => heard.filter(({ subject }) => subject?.endsWith('.findings'))

    beforeAll(async () => {
      // It has put the Task and the hook in their places; from here on time is ours.
      await chain.stop('watcher')
      const nc = await nats.opened
      await hears(nc, 'ops.>', message => void heard.push(message.json()))
      await objects.create({ kind: 'TaskRun', metadata: seed.metadata, spec: seed.spec })
    }, 60_000)
    afterAll(async () => {
      for (const stop of stops) await stop()
      await nats.close()
    })

    it('does not run before', async () => {
      const [one, other] = [await watcher(), await watcher()]
      now = halfHour - 1
      await Promise.all([one.look(), other.look()])
      expect(await runs()).toEqual([])
      now = halfHour + 10
      await Promise.all([one.dies(), other.look()])
    })

    it('runs once, though one of them is killed at the minute and comes back', async () => {
      const again = await watcher()
      now = halfHour + 1_000
      await again.look()
      const name = `alert-hosts-card-${halfHour / 1_000}`
      const standing = async () =>
        (await runs()).map(({ metadata, status }) => [metadata.name, status.message ?? status.runStatus])
      await expect.poll(standing, patience).toEqual([[name, 'Successed']])
      now = halfHour + 29 * minute
      await again.look()
      expect(await standing()).toEqual([[name, 'Successed']])
      const parent = await objects.get('TaskRun', 'ops-system', 'alert-hosts-card')
      expect(parent?.status).toEqual({ lastScheduleTime: new Date(halfHour).toISOString() })
    })

    it('reports what it found, by its own curl and with the token of the run, and the hook fires once', async () => {
      await expect.poll(findings, patience).toMatchObject([
        {
          type: 'TaskRunReport',
          subject: 'ops.clusters.mycluster.namespaces.ops-system.hosts.gpu-7.findings',
          data: { host: 'gpu-7', kind: `alert-hosts-card-${halfHour / 1_000}`, status: 'alerting' },
        },
      ])
      await expect.poll(() => receiver.calls, patience).toHaveLength(1)
      expect(receiver.calls[0]?.body).toContain('7 cards of 8')
      // Whatever came behind it would be there by now: it goes the same way.
      expect(findings()).toHaveLength(1)
    })
  },
)
