import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Order } from '../../../shared/orders.ts'
import { ownSshd } from '../../sshd.ts'
import { startDoor } from '../door.ts'
import { drafts, namespace, ownRig } from './rig.ts'

const patience = { timeout: 20_000, interval: 20 }
const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n')
  } catch {
    // Nobody wrote into it.
    return []
  }
}

describe('cron-taskrun and machines elsewhere', async () => {
  const [rig, sshd] = [await ownRig(), await ownSshd()]
  const secrets = mkdtempSync(join(tmpdir(), 'secrets-'))
  const env = {
    EVENT_CLUSTER: 'mycluster',
    EVENT_ENDPOINT: rig.server.url,
    INGEST_URL: 'http://127.0.0.1:9',
    SECRETS_DIR: secrets,
    ...{ KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' },
  }
  const doors: Awaited<ReturnType<typeof startDoor>>[] = []
  const openDoor = async () => {
    const door = await startDoor('cron-taskrun', { env })
    doors.push(door)
    return door
  }
  const status = async (order: Order) => (await doors.at(-1)?.single(rig.eventOf(order)))?.status

  beforeAll(async () => {
    mkdirSync(join(secrets, namespace, 'key'), { recursive: true })
    writeFileSync(join(secrets, namespace, 'key', 'privatekey'), sshd.key)
    const spec = { address: '127.0.0.1', port: sshd.port, username: sshd.username, secretRef: 'key' }
    for (const name of ['web-1', 'web-2'])
      await rig.make({ kind: 'Host', metadata: { namespace, name, labels: { role: 'web' } }, spec })
    await rig.make({
      kind: 'Host',
      metadata: { namespace, name: 'away' },
      spec: { ...spec, port: 1, timeoutSeconds: 1 },
    })
    await openDoor()
  })
  afterAll(() => Promise.all(doors.map(door => door.kill())))

  it('runs steps on the hosts that a Task names', async () => {
    await rig.make(
      drafts.task('web', [{ name: 'who', content: 'echo "I am $HOSTNAME"' }], { host: 'role=web' }),
    )
    const run = await rig.make(drafts.taskRun('web', 'web'))
    expect(await status({ order: 'start', ...rig.about(run), kind: 'TaskRun' })).toBe(200)
    const said = (name: string) => ({
      runStatus: 'Successed',
      taskRunStep: [{ stepName: 'who', stepOutput: expect.stringContaining(`I am ${name}`) }],
    })
    expect((await rig.get('TaskRun', 'web')).status).toMatchObject({
      runStatus: 'Successed',
      executor: 'ssh',
      taskrunNodeStatus: { 'web-1': said('web-1'), 'web-2': said('web-2') },
    })
  })

  it('fails where a host cannot be reached, with its name', async () => {
    await rig.make(drafts.task('away', [{ content: 'echo x' }], { host: 'away' }))
    const run = await rig.make(drafts.taskRun('away', 'away'))
    expect(await status({ order: 'start', ...rig.about(run), kind: 'TaskRun' })).toBe(200)
    expect((await rig.get('TaskRun', 'away')).status).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^"away": /),
    })
  })

  it('looks at hosts and clusters, and writes what it found into their status', async () => {
    const due = new Date().toISOString()
    const probe = async (kind: 'Host' | 'Cluster', name: string) => {
      const { uid } = (await rig.get(kind, name)).metadata
      expect(await status({ order: 'probe', kind, namespace, name, uid, due })).toBe(200)
      return (await rig.get(kind, name)).status
    }
    await rig.make({
      kind: 'Cluster',
      metadata: { namespace, name: 'far' },
      spec: { server: 'https://127.0.0.1:1' },
    })
    expect(await probe('Host', 'web-1')).toMatchObject({
      heartStatus: 'Successed',
      hostname: expect.any(String),
    })
    expect(await probe('Host', 'away')).toMatchObject({ heartStatus: 'Failed' })
    expect(await probe('Cluster', 'far')).toMatchObject({ heartStatus: 'Failed' })
  })

  it('killed in the middle, it leaves a run that ends Aborted, once, and is not run again', async () => {
    const mark = join(sshd.home, 'mark')
    await rig.make(
      drafts.task('long', [{ content: `echo ran >> ${mark}; sleep 2; echo survived >> ${mark}` }], {
        host: 'web-1',
      }),
    )
    const run = await rig.make(drafts.taskRun('long', 'long'))
    const order: Order = { order: 'start', ...rig.about(run), kind: 'TaskRun' }
    const answer = status(order).catch(() => undefined)
    await expect.poll(() => linesOf(mark), patience).toEqual(['ran'])
    await doors.at(-1)?.kill()
    await answer
    await openDoor()
    await expect.poll(() => status(order), patience).toBe(200)
    expect((await rig.get('TaskRun', 'long')).status).toMatchObject({
      runStatus: 'Aborted',
      message: expect.stringContaining('ended while'),
    })
    expect(linesOf(mark)).toEqual(['ran'])
  })
})
