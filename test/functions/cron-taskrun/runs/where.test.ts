import { describe, expect, it } from 'vitest'
import type { Executor } from '../../../../functions/cron-taskrun/executor.ts'
import { whereOf } from '../../../../functions/cron-taskrun/runs/where.ts'
import type { ExecutorName, World } from '../../../../functions/cron-taskrun/world.ts'
import type { Objects, Stored } from '../../../../shared/objects.ts'
import { HostSpec } from '../../../../shared/resources/host.ts'
import { TaskSpec } from '../../../../shared/resources/task.ts'

const metadata = (name: string): Stored<'Host'>['metadata'] => ({
  ...{ name, namespace: 'ns', uid: name, resourceVersion: '1', generation: 1 },
  creationTimestamp: '2026-01-31T12:00:00Z',
  ...{ labels: {}, annotations: {}, ownerReferences: [] },
})
const run: Stored<'TaskRun'> = {
  kind: 'TaskRun',
  metadata: metadata('run'),
  spec: { taskRef: 't', suspend: false, concurrencyPolicy: 'Forbid' },
  status: {},
}
const h1: Stored<'Host'> = {
  kind: 'Host',
  metadata: metadata('h1'),
  spec: HostSpec.parse({ address: '10.0.0.1' }),
  status: {},
}

function worldWith({ inCluster, hosts = [h1] }: { inCluster: boolean; hosts?: Stored<'Host'>[] }) {
  const places = (knows: (host: string | undefined) => boolean): Executor => ({
    places: async ({ host }) => (knows(host) ? [{ name: host ?? '' }] : { problem: `There is no "${host}"` }),
    start: async () => ({ state: 'running' }),
    look: async () => ({ state: 'running' }),
    stop: async () => {},
  })
  const executors: Record<ExecutorName, Executor | undefined> = {
    kubernetes: inCluster ? places(() => true) : undefined,
    local: inCluster ? undefined : places(() => true),
    ssh: places(host => hosts.some(({ metadata }) => metadata.name === host)),
  }
  const list: Objects['list'] = async () => JSON.parse(JSON.stringify(hosts))
  const settings: World['settings'] = {
    ...{ cluster: 'c', inCluster, hostname: 'me', ingest: 'http://i', stepTimeout: 1, image: 'x' },
    privilegedNamespaces: ['trusted'],
  }
  const away = () => Promise.reject(new Error('Nobody asks for it'))
  const objects: Objects = { get: away, list, create: away, putStatus: away, remove: away }
  return { executor: async (name: ExecutorName) => executors[name], objects, settings }
}

const script = TaskSpec.parse({ steps: [{ content: 'echo' }] })

describe('whereOf()', () => {
  it.each<[string, object, { inCluster: boolean; hosts?: Stored<'Host'>[] }, string | undefined, string]>([
    ['anything without a cluster', {}, { inCluster: false }, undefined, 'local'],
    ['localhost', {}, { inCluster: false }, 'localhost', 'local'],
    ['its own name', {}, { inCluster: false }, 'me', 'local'],
    ['a Host without a cluster', {}, { inCluster: false }, 'h1', 'ssh'],
    [
      'a word for nodes without a cluster and without Hosts',
      {},
      { inCluster: false, hosts: [] },
      'anyworker',
      'local',
    ],
    ['anything in a cluster', {}, { inCluster: true }, undefined, 'kubernetes'],
    ['a word for nodes in a cluster', {}, { inCluster: true }, 'allmasters', 'kubernetes'],
    ['a Host beside a cluster', {}, { inCluster: true }, 'h1', 'ssh'],
    ['a node', {}, { inCluster: true }, 'node-1', 'kubernetes'],
    ['a Host that would need an image', { runtimeImage: 'python' }, { inCluster: true }, 'h1', 'kubernetes'],
    [
      'a Host that would need a mount',
      { mounts: [{ secret: { name: 's', mountPath: '/s' } }] },
      { inCluster: true },
      'h1',
      'kubernetes',
    ],
  ])('takes %s to the right one', async (_, task, world, host, name) => {
    expect(await whereOf({ run, task: { ...script, ...task }, host }, worldWith(world))).toMatchObject({
      name,
    })
  })

  it('says that there is no such place', async () => {
    expect(await whereOf({ run, task: script, host: 'h9' }, worldWith({ inCluster: false }))).toEqual({
      problem: 'There is no "h9"',
    })
  })

  it('has no mounts where there is no cluster', async () => {
    const task = { ...script, mounts: [{ secret: { name: 's', mountPath: '/s' } }] }
    expect(await whereOf({ run, task, host: undefined }, worldWith({ inCluster: false }))).toEqual({
      problem: 'Its Task has "mounts", which only pods of a cluster have',
      never: true,
    })
  })

  it.each([{ privileged: true }, { mounts: [{ hostPath: '/', mountPath: '/host' }] }])(
    'keeps %j from namespaces that may not',
    async asked => {
      const task = { ...script, ...asked }
      const world = worldWith({ inCluster: true })
      expect(await whereOf({ run, task, host: undefined }, world)).toMatchObject({ never: true })
      const trusted = { ...run, metadata: { ...run.metadata, namespace: 'trusted' } }
      expect(await whereOf({ run: trusted, task, host: undefined }, world)).toMatchObject({
        name: 'kubernetes',
      })
    },
  )
})
