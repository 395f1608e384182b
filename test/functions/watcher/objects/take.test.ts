import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { objectsLeaver } from '../../../../functions/watcher/objects/leave.ts'
import { type ObjectsTaker, objectsTaker } from '../../../../functions/watcher/objects/take.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats } from '../../../servers.ts'
import { foundIn, objectYaml, taskRunYaml } from './files.ts'

function logged() {
  const lines: string[] = []
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`)
  return { lines, log: { debug() {}, info: at('info'), warn: at('warn'), error: at('error') } }
}

describe('objectsTaker()', async () => {
  const bus = await ownNats()
  const nats = openNats(bus.url, 'test', quiet)
  const objects = objectsInKv(nats, { now: () => Date.now() })
  const takers: ObjectsTaker[] = []
  beforeAll(() => nats.opened)
  afterEach(() => {
    for (const taker of takers.splice(0)) taker.stop()
  })
  afterAll(() => nats.close())

  function taking() {
    const { lines, log } = logged()
    const counts: object[] = []
    const taker = objectsTaker({
      applying: objects,
      prepare: async () => ensureStreams(await nats.opened, 1, quiet),
      counted: counted => void counts.push(counted),
      failed() {},
      log,
    })
    takers.push(taker)
    const comes = (wanted: string) =>
      expect.poll(() => lines, { timeout: 30_000, interval: 10 }).toContain(wanted)
    const folder = (files: Record<string, string>) => taker.folder(foundIn(files))
    return { folder, ready: taker.ready, lines, counts, comes }
  }

  it('makes the bucket where it is missing, and says what was taken in', async () => {
    const { folder, ready, lines, counts, comes } = taking()
    folder({ 'a.yaml': taskRunYaml('a', { crontab: '@hourly' }), 'b.yaml': taskRunYaml('b', { taskRef: 5 }) })
    expect(ready()).toBe(false)
    await comes('info Objects in force')
    expect(ready()).toBe(true)
    expect(lines).toEqual([
      'warn TaskRun "ops/b" is refused, b.yaml:5: spec.taskRef: it is 5, a number, it has to be text: write it in quotes, "5"',
      'info Objects of the folder taken in',
      'info Objects in force',
    ])
    expect(counts).toEqual([{ ready: 1, refused: 1 }])
    expect(await objects.list('TaskRun')).toHaveLength(1)
  })

  it('says once that a name is taken, and that a content has run', async () => {
    const host = {
      kind: 'Host',
      metadata: { name: 'h', namespace: 'ops' },
      spec: { address: '10.0.0.2' },
    } as const
    await objects.create(host)
    const { folder, lines, comes, counts } = taking()
    const files = {
      'a.yaml': taskRunYaml('once'),
      'b.yaml': objectYaml('Host', 'h', { address: '10.0.0.1' }),
    }
    folder(files)
    await comes('info Objects in force')
    const once = await objects.get('TaskRun', 'ops', 'once')
    if (once) await objects.remove(once)
    for (const desc of ['one', 'two']) {
      folder({ ...files, 'c.yaml': objectYaml('Host', desc, { address: '10.0.0.3' }) })
      await expect.poll(() => objects.get('Host', 'ops', desc), { interval: 10 }).toBeDefined()
    }
    await comes('info It has run with this content: change it to run it again')
    expect(lines.filter(line => /taken: one|has run/.test(line))).toEqual([
      'warn Host "ops/h" is refused, b.yaml:3: metadata.name: it is taken: one of this name was made by a hook, a schedule or the API',
      'info It has run with this content: change it to run it again',
    ])
    await expect.poll(() => counts.at(-1)).toEqual({ ready: 2, refused: 1 })
    expect((await objects.get('Host', 'ops', 'h'))?.spec.address).toBe('10.0.0.2')
  })

  it('goes on when NATS was away', async () => {
    const { folder, comes } = taking()
    await bus.kill()
    folder({ 'a.yaml': taskRunYaml('later') })
    await bus.restart()
    await comes('info Objects in force')
    expect(await objects.get('TaskRun', 'ops', 'later')).toBeDefined()
  }, 60_000)
})

describe('objectsLeaver()', () => {
  it('says of each object once that it belongs in the cluster', () => {
    const { lines, log } = logged()
    const taker = objectsLeaver(log)
    const a = taskRunYaml('a')
    taker.folder(foundIn({ 'a.yaml': a }))
    const b = objectYaml('Host', 'b', { address: '10.0.0.1' })
    taker.folder(foundIn({ 'a.yaml': [a, b, objectYaml('Host', 'c', {})].join('---\n') }))
    expect(lines).toEqual([
      'warn TaskRun "ops/a" is not taken from a folder where there is a cluster: kubectl apply it',
      'warn Host "ops/c" is refused, a.yaml:16: spec: it is empty, it has to be a map',
      'warn Host "ops/b" is not taken from a folder where there is a cluster: kubectl apply it',
    ])
  })
})
