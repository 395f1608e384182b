import { describe, expect, it } from 'vitest'
import { type TellWorld, tellStatuses } from '../../../../functions/watcher/resources/tell.ts'
import { PublishError } from '../../../../shared/adapters/publisher.ts'
import type { Change } from '../../../../shared/changes.ts'
import { quiet } from '../../../quiet.ts'
import { inOrder, object, put } from './objects.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const host = (version: number, heartStatus?: string, written = '2026-01-01T12:00:00Z') =>
  [
    'h',
    {
      metadata: {
        resourceVersion: String(version),
        managedFields: [{ subresource: 'status', time: written }, { time: '2026-01-01T12:00:00Z' }],
      },
      ...(heartStatus && { status: { heartStatus } }),
    },
  ] as const

/** What replicas have in common. */
function common() {
  const memory = new Map<string, string>()
  const published: string[] = []
  const place = {
    get: async (key: string) => ({ value: memory.get(key) }),
    put: async (key: string, value: string) => {
      memory.set(key, value)
    },
  }
  const world: TellWorld = {
    cluster: 'c1',
    async publish({ id, payload }) {
      const { data } = JSON.parse(String(payload))
      published.push(`${data.status.heartStatus} ${id.slice(0, 4)}`)
    },
    told: place,
    reached: place,
    wall: () => now,
    sleep: async () => {},
    log: quiet,
  }
  return {
    memory,
    world,
    words: () => published.map(text => text.split(' ')[0]),
    ids: () => published.map(text => text.split(' ')[1]),
    tell: (changes: Change[], other: Partial<TellWorld> = {}) =>
      tellStatuses({ ...world, ...other }, 'Host', inOrder(...changes)),
  }
}

const listed = (...of: ReturnType<typeof host>): Change => ({ kind: 'all', objects: [object(...of)] })

describe('tellStatuses()', () => {
  it('does not tell when something was last due, and tells that its crontab cannot be read', async () => {
    const { world } = common()
    const published: string[] = []
    const run = (version: string, status: object) =>
      put('card', { metadata: { resourceVersion: version }, spec: { crontab: '* * * * *' }, status })
    const told = tellStatuses(
      {
        ...world,
        async publish({ payload }) {
          published.push(JSON.parse(String(payload)).data.runStatus)
        },
      },
      'TaskRun',
      inOrder(
        run('1', { lastScheduleTime: '2026-01-01T12:00:00Z' }),
        run('2', { runStatus: 'DataInValid', message: 'It has no fields' }),
        run('3', { lastScheduleTime: '2026-01-01T12:01:00Z' }),
      ),
    )
    await told
    expect(published).toEqual(['DataInValid'])
  })

  it('tells of the end of a run that was deleted while it ran, once however many replicas see it', async () => {
    const { world } = common()
    const published = new Map<string, string>()
    const gone = (name: string, status: object, spec = {}): Change => ({
      kind: 'gone',
      object: object(name, { spec, status }),
    })
    const tell = () =>
      tellStatuses(
        {
          ...world,
          async publish({ id, payload }) {
            const { subject, data } = JSON.parse(String(payload))
            published.set(id, `${subject.split('.').at(-2)} ${data.runStatus} ${data.completionTime ?? ''}`)
          },
        },
        'TaskRun',
        inOrder(
          put('held', { status: { runStatus: 'Running' } }),
          gone('held', { runStatus: 'Running' }),
          gone('over', { runStatus: 'Successed' }),
          gone('new', {}),
          gone('clock', { runStatus: 'Running' }, { crontab: '* * * * *' }),
        ),
      )
    await tell()
    await tell()
    expect([...published.values()]).toEqual(['held Running ', 'held Aborted 2026-01-01T12:00:00.000Z'])
  })

  it('publishes each status that is another one than before', async () => {
    const { tell, words } = common()
    const relabelled = put(...host(4, 'Failed'))
    await tell([listed(...host(1)), put(...host(2, 'Successed')), put(...host(3, 'Failed')), relabelled])
    expect(words()).toEqual(['Successed', 'Failed'])
  })

  it('begins with what was written in the last two minutes', async () => {
    const { tell, words } = common()
    await tell([listed(...host(1, 'Old', '2026-01-01T11:50:00Z')), put(...host(2, 'New'))])
    expect(words()).toEqual(['New'])
    const other = common()
    await other.tell([listed(...host(1, 'Fresh', '2026-01-01T11:59:00Z'))])
    expect(other.words()).toEqual(['Fresh'])
  })

  it('tells after a start what changed since it last looked, and nothing again', async () => {
    const { tell, words } = common()
    const later = { wall: () => now + 3_600_000 }
    await tell([listed(...host(1)), put(...host(2, 'Successed'))])
    await tell([listed(...host(3, 'Failed', '2026-01-01T12:20:00Z'))], later)
    await tell([listed(...host(3, 'Failed', '2026-01-01T12:20:00Z'))], later)
    expect(words()).toEqual(['Successed', 'Failed'])
  })

  it('tells what was made and changed while it could not look', async () => {
    const { tell, words } = common()
    await tell([{ kind: 'all', objects: [] }, listed(...host(3, 'Failed', '2026-01-01T11:00:00Z'))])
    expect(words()).toEqual(['Failed'])
  })

  it('makes the same event of the same version in two replicas, and none where a twin is further', async () => {
    const { tell, ids, words } = common()
    const apart = { get: async () => ({ value: undefined }), put: async () => {} }
    await tell([listed(...host(1)), put(...host(2, 'Successed'))], { told: apart })
    await tell([listed(...host(1)), put(...host(2, 'Successed')), put(...host(3, 'Failed'))])
    expect(ids()[0]).toBe(ids()[1])
    await tell([listed(...host(1)), put(...host(2, 'Successed')), put(...host(3, 'Failed'))])
    expect(words()).toEqual(['Successed', 'Successed', 'Failed'])
  })

  it('tries again until the bus has it, and remembers it only then', async () => {
    const { tell, memory, words, world } = common()
    let tries = 0
    await tell([listed(...host(1, 'Failed'))], {
      async publish(message) {
        expect([...memory.keys()].filter(key => key.endsWith('.ops.h'))).toEqual([])
        if (++tries < 3) throw new PublishError('unavailable', 'away')
        return world.publish(message)
      },
    })
    expect(words()).toEqual(['Failed'])
    expect([...memory.keys()]).toContain('status.c1.hosts.ops.h')
  })

  it('lets go of what the bus refuses', async () => {
    const { tell, words, world } = common()
    await tell([listed(...host(1, 'Huge')), put(...host(2, 'Small'))], {
      async publish(message) {
        if (String(message.payload).includes('Huge')) throw new PublishError('refused', 'too large')
        return world.publish(message)
      },
    })
    expect(words()).toEqual(['Small'])
  })
})
