import { mkdtempSync, readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Stored } from '../../../shared/objects.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { startDoor } from '../door.ts'
import { drafts, namespace, ownRig } from './rig.ts'

type Door = Awaited<ReturnType<typeof startDoor>>

const dir = mkdtempSync(join(tmpdir(), 'crash-'))
const patience = { timeout: 20_000, interval: 10 }
const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n')
  } catch {
    // Nobody wrote into it.
    return []
  }
}

describe('cron-taskrun, killed', async () => {
  const rig = await ownRig()
  const env = {
    EVENT_CLUSTER: 'mycluster',
    EVENT_ENDPOINT: rig.server.url,
    INGEST_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'info',
    KUBECONFIG: '',
    KUBERNETES_SERVICE_HOST: '',
  }
  const doors: Door[] = []
  const openDoor = async () => {
    const door = await startDoor('cron-taskrun', { env })
    doors.push(door)
    return door
  }
  afterEach(() => Promise.all(doors.splice(0).map(door => door.kill())))

  const order = (run: Stored<'TaskRun'>) =>
    rig.eventOf({ order: 'start', ...rig.about(run), kind: 'TaskRun' })
  const statusOf = async (name: string) => (await rig.objects.get('TaskRun', namespace, name))?.status ?? {}

  /** Gives the order again to another process until it is taken, as the bridge does. */
  async function again(run: Stored<'TaskRun'>) {
    const door = await openDoor()
    await expect.poll(async () => (await door.single(order(run))).status, patience).toBe(200)
    return door
  }

  async function made(
    name: string,
    content: (mark: string) => string,
  ): Promise<{ run: Stored<'TaskRun'>; mark: string }> {
    const mark = join(dir, name)
    await rig.make(drafts.task(name, [{ name: 'work', content: `echo ran >> ${mark}\n${content(mark)}` }]))
    return { run: await rig.make(drafts.taskRun(name, name)), mark }
  }

  it('runs a script to its end over HTTP, and only its own token is asked for', async () => {
    const { run, mark } = await made('whole', () => 'echo good')
    const door = await openDoor()
    expect((await door.single(order(run))).status).toBe(200)
    expect(await statusOf('whole')).toMatchObject({ runStatus: 'Successed' })
    expect(linesOf(mark)).toEqual(['ran'])
    expect((await door.post('{}', { authorization: 'Bearer wrong' })).status).toBe(401)
    const odd = await door.single({ ...order(run), data: { order: 'dance' } })
    expect(odd.status).toBe(422)
  })

  // [when it is killed, what it has come to by then]
  const moments: [string, (at: { run: string; mark: string }) => Promise<boolean>][] = [
    ['before it has read the order', async () => true],
    ['as soon as the run is claimed', async ({ run }) => (await statusOf(run)).runStatus === 'Running'],
    ['when its step has begun', async ({ mark }) => linesOf(mark).length > 0],
    ['when its step is about to end', async ({ mark }) => linesOf(mark).includes('done')],
    ['when its end is written', async ({ run }) => hasEnded(await statusOf(run))],
  ]
  it.each(moments)(
    '%s: the run ends once, with the truth or as aborted, and its script ran once at most',
    async (when, reached) => {
      const name = `kill-${moments.findIndex(([moment]) => moment === when)}`
      const { run, mark } = await made(name, mark => `sleep 0.3\necho done >> ${mark}`)
      const door = await openDoor()
      const answer = door.single(order(run)).catch(() => undefined)
      await expect.poll(() => reached({ run: name, mark }), patience).toBe(true)
      await door.kill()
      await answer
      await again(run)

      const { runStatus, message } = await statusOf(name)
      const lines = linesOf(mark)
      expect(lines.filter(line => line === 'ran').length).toBeLessThanOrEqual(1)
      if (runStatus === 'Successed') expect(lines).toEqual(['ran', 'done'])
      else
        expect({ runStatus, message }).toEqual({
          runStatus: 'Aborted',
          message: expect.stringContaining('ended while'),
        })
      expect(await rig.world.tokens.find(run.metadata.uid)).toBeUndefined()
    },
  )

  it('leaves nothing behind that still runs', async () => {
    const { run, mark } = await made('orphan', mark => `sleep 1\necho survived >> ${mark}`)
    const door = await openDoor()
    const answer = door.single(order(run)).catch(() => undefined)
    await expect.poll(() => linesOf(mark), patience).toEqual(['ran'])
    await door.kill()
    await answer
    await again(run)
    expect(await statusOf('orphan')).toMatchObject({ runStatus: 'Aborted' })
    expect(linesOf(mark)).toEqual(['ran'])
  })

  it('is known to be at work by others, for as long as it is', async () => {
    const { run, mark } = await made('twin', () => 'sleep 1')
    const [one, other] = await Promise.all([openDoor(), openDoor()])
    const answer = one.single(order(run))
    await expect.poll(() => linesOf(mark), patience).toEqual(['ran'])
    const refused = await other.single(order(run))
    expect({ status: refused.status, said: await refused.json() }).toEqual({
      status: 503,
      said: expect.objectContaining({
        attempted: false,
        message: expect.stringContaining('Another process'),
      }),
    })
    expect((await answer).status).toBe(200)
    expect(await statusOf('twin')).toMatchObject({ runStatus: 'Successed' })
  })

  it('ends what it runs when it is told to stop, and says so', async () => {
    const { run, mark } = await made('polite', () => 'sleep 60')
    const door = await openDoor()
    const answer = door.single(order(run)).catch(() => undefined)
    await expect.poll(() => linesOf(mark), patience).toEqual(['ran'])
    await rig.world.holders.stop(run.metadata.uid, 'Replaced by another')
    await answer
    expect(await statusOf('polite')).toMatchObject({
      runStatus: 'Aborted',
      message: expect.stringContaining('Replaced by another'),
      taskrunNodeStatus: { [hostname()]: { runStatus: 'Aborted' } },
    })
  })

  it('finishes a short script when it is asked to stop, and ends with 0', async () => {
    const { run, mark } = await made('asked', mark => `sleep 1\necho done >> ${mark}`)
    const door = await openDoor()
    const answer = door.single(order(run))
    await expect.poll(() => linesOf(mark), patience).toEqual(['ran'])
    void door.kill('SIGTERM')
    expect((await answer).status).toBe(200)
    expect(await door.exited).toBe('code 0')
    expect(await statusOf('asked')).toMatchObject({ runStatus: 'Successed' })
    expect(linesOf(mark)).toEqual(['ran', 'done'])
  })
})
