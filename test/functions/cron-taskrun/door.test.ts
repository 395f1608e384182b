import { afterAll, describe, expect, it } from 'vitest'
import { hosts, startDoor } from '../door.ts'
import { drafts, ownRig } from './rig.ts'

describe.each(hosts)('cron-taskrun under %s', async host => {
  const rig = await ownRig()
  const env = {
    EVENT_CLUSTER: 'mycluster',
    EVENT_ENDPOINT: rig.server.url,
    INGEST_URL: 'http://127.0.0.1:9',
    ...{ KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' },
  }
  const started: Awaited<ReturnType<typeof startDoor>>[] = []
  afterAll(() => Promise.all(started.map(door => door.stop())))

  it('carries out orders, and says in one line what came of each', async () => {
    const door = await startDoor('cron-taskrun', { host, env })
    started.push(door)
    await rig.make(drafts.task('hello', [{ name: 'say', content: 'echo hello' }]))
    const run = await rig.make(drafts.taskRun('hello', 'hello'))
    const answer = await door.single(rig.eventOf({ order: 'start', ...rig.about(run), kind: 'TaskRun' }))
    expect(answer.status).toBe(200)
    expect((await rig.get('TaskRun', 'hello')).status.runStatus).toBe('Successed')
    await expect
      .poll(() => door.tail())
      .toMatch(/"order":"start","kind":"TaskRun","run":"ops-system\/hello","outcome":"done"/)
  })
})

describe('cron-taskrun', () => {
  it('does not start without knowing where findings go', async () => {
    const env = { EVENT_CLUSTER: 'c', EVENT_ENDPOINT: 'nats://127.0.0.1:1', INGEST_URL: '' }
    await expect(startDoor('cron-taskrun', { env })).rejects.toThrow('INGEST_URL: it is missing')
  })
})
