import { setTimeout as pause } from 'node:timers/promises'
import { Kvm } from '@nats-io/kv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { changesInKv } from '../../../../shared/adapters/objects/changes.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import type { Change } from '../../../../shared/changes.ts'
import { quiet } from '../../../quiet.ts'
import { natsVersions, ownNats } from '../../../servers.ts'

/** `put ops/a Running` */
const told = (change: Change): string => {
  if (change.kind === 'all') return `all ${change.objects.map(({ id }) => id).join(' ')}`.trim()
  if (!('object' in change)) return change.kind
  const { id, status } = change.object
  return `${change.kind} ${id} ${status.runStatus ?? ''}`.trim()
}

describe.each(natsVersions)('changesInKv() on NATS %s', async version => {
  const bus = await ownNats(version)
  const nats = openNats(bus.url, 'test', quiet)
  const objects = objectsInKv(nats, { now: () => Date.now() })
  const stopping = new AbortController()
  const seen: string[] = []
  const failures: unknown[] = []
  const comes = (wanted: string[]) =>
    expect.poll(() => seen.slice(-wanted.length), { timeout: 30_000, interval: 20 }).toEqual(wanted)
  const draft = (name: string) =>
    ({ kind: 'TaskRun', metadata: { name, namespace: 'ops' }, spec: { taskRef: 'check' } }) as const

  async function follow(): Promise<void> {
    const world = {
      failed: (error: unknown) => void failures.push(error),
      sleep: (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => {}),
    }
    for await (const change of changesInKv(nats, 'TaskRun', world, stopping.signal, 200)) {
      const text = told(change)
      if (text !== 'still' || seen.at(-1) !== 'still') seen.push(text)
    }
  }
  let following: Promise<void>
  beforeAll(async () => {
    await nats.opened
    following = follow()
  })
  afterAll(() => nats.close())

  it('says that the kind is unknown until there is a bucket, and then all there are', async () => {
    await comes(['unknown'])
    await ensureStreams(await nats.opened, 1, quiet)
    await comes(['all', 'still'])
  })

  it('tells of what is made, changed and taken away', async () => {
    const object = await objects.create(draft('a'))
    await comes(['put ops/a', 'still'])
    if (object) await objects.putStatus(object, { runStatus: 'Running' })
    await comes(['put ops/a Running', 'still'])
    if (object) await objects.remove(object)
    await comes(['gone ops/a Running', 'still'])
  })

  it('tells nothing of other kinds', async () => {
    await objects.create({ ...draft('b'), kind: 'Task', spec: { steps: [{ content: 'true' }] } })
    await objects.create(draft('b'))
    await comes(['gone ops/a Running', 'still', 'put ops/b', 'still'])
  })

  it('tells that one is gone when another one lies in its place at once', async () => {
    const kv = await new Kvm(await nats.opened).open('objects')
    const object = (await kv.get('taskruns.ops.b'))?.string() ?? ''
    await kv.put('taskruns.ops.b', object.replace(/"uid":"[^"]*"/, '"uid":"another"'))
    await comes(['gone ops/b', 'put ops/b', 'still'])
  })

  it('goes on when something lies there that is no object', async () => {
    const kv = await new Kvm(await nats.opened).open('objects')
    await kv.put('taskruns.ops.c', 'rubbish')
    await expect
      .poll(() => failures.map(String))
      .toContainEqual(expect.stringContaining('A TaskRun in KV is not as an object is'))
    await kv.delete('taskruns.ops.c')
  })

  it('tells all there are again after NATS was away', async () => {
    await bus.kill()
    await bus.restart()
    await comes(['all ops/b', 'still'])
    await objects.create(draft('d'))
    await comes(['put ops/d', 'still'])
  })

  it('tells all there are again when the bucket was made anew', async () => {
    const nc = await nats.opened
    const kv = await new Kvm(nc).open('objects')
    await kv.destroy()
    await ensureStreams(nc, 1, quiet)
    await comes(['all', 'still'])
    await objects.create(draft('e'))
    await comes(['put ops/e', 'still'])
  })

  it('ends when it is told to', async () => {
    stopping.abort()
    await following
  })
})
