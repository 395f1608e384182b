import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Route } from '../../../../functions/ops-api/route.ts'
import { runRoutes, type World } from '../../../../functions/ops-api/runs/routes.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { type Objects, UnreadableObject } from '../../../../shared/objects.ts'
import type { Token } from '../../../../shared/tokens.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats } from '../../../servers.ts'
import { openBus } from '../rig.ts'

const server = await ownNats()
await openBus(server.url)
const nats = openNats(server.url, 'test', quiet)
await nats.opened
let clock = Date.parse('2026-01-31T12:00:00Z')
const objects = objectsInKv(nats, { now: () => clock })

const token = (may: Partial<Token> = { rights: ['runs'] }): Token => ({
  ...{ name: 'pipeline-of-shop', sha256: '', publish: [], read: [], rights: [] },
  ...may,
})

let drawn = 0
const world: World = {
  objects: async () => objects,
  ...{ cluster: 'c1', random: () => drawn++, log: quiet },
}
type Call = Parameters<Route['answer']>[0]

/** Calls a route as the function does; its answer or its refusal. */
async function ask(
  method: Route['method'],
  path: string,
  {
    query = '',
    inside = world,
    ...call
  }: Partial<Omit<Call, 'query'>> & { query?: string; inside?: World } = {},
) {
  const [, namespace = '', plural, name] = /^\/([^/]*)\/([^/]+)(?:\/(.+))?$/.exec(path) ?? []
  const full = `/api/v1/namespaces/{namespace}/${plural}${name === undefined ? '' : '/{name}'}`
  const route = runRoutes(inside).find(one => one.method === method && one.path === full)
  if (!route) throw new Error(`There is no ${method} ${full}`)
  const params = { namespace, ...(name !== undefined && { name }) }
  return route.answer({ token: token(), params, body: undefined, query: new URLSearchParams(query), ...call })
}
const Run = z.object({ data: z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) }) })
const made = async (...call: Parameters<typeof ask>) => Run.parse(await ask(...call)).data.metadata
const Page = z.object({
  data: z.object({
    list: z.array(z.looseObject({ metadata: z.object({ name: z.string() }) })),
    total: z.number(),
  }),
})
async function names(path: string, query = '', may?: Partial<Token>) {
  const { list, total } = Page.parse(
    await ask('GET', path, { query, ...(may && { token: token(may) }) }),
  ).data
  return { names: list.map(({ metadata }) => metadata.name), total }
}

for (const name of ['check-disk', 'check-dns'])
  await objects.create({
    kind: 'Task',
    metadata: { namespace: 'shop', name },
    spec: { steps: [{ name: 'look', content: 'df -P /' }] },
  })
await objects.create({
  kind: 'Pipeline',
  metadata: { namespace: 'shop', name: 'night' },
  spec: { tasks: [{ taskRef: 'check-disk' }] },
})

describe('asking for a run', () => {
  it('makes it, with whom it was asked by, and answers the object', async () => {
    const body = { taskRef: 'check-disk', variables: { path: "/'$(x)" }, desc: 'by hand' }
    expect(await ask('POST', '/shop/taskruns', { body })).toEqual({
      data: {
        apiVersion: 'crd.chenshaowen.com/v1',
        kind: 'TaskRun',
        metadata: expect.objectContaining({
          namespace: 'shop',
          name: expect.stringMatching(/^check-disk-[0-9a-z]{5}$/),
          labels: { 'ops/taskref': 'check-disk' },
          annotations: { 'ops/askedby': 'pipeline-of-shop' },
        }),
        spec: expect.objectContaining(body),
        status: {},
      },
    })
    expect(await made('POST', '/shop/pipelineruns', { body: { pipelineRef: 'night' } })).toMatchObject({
      name: expect.stringMatching(/^night-/),
    })
  })

  it('makes one run of one key, whoever asks how often and at the same time', async () => {
    const body = { taskRef: 'check-disk' }
    const asked = Array.from({ length: 8 }, () => made('POST', '/shop/taskruns', { body, key: 'deploy 7' }))
    const uids = new Set((await Promise.all(asked)).map(({ uid }) => uid))
    expect(uids.size).toBe(1)
    const others = [
      await made('POST', '/shop/taskruns', { body, key: 'deploy 8' }),
      await made('POST', '/shop/taskruns', {
        body,
        key: 'deploy 7',
        token: token({ name: 'b', rights: ['runs'] }),
      }),
      await made('POST', '/shop/taskruns', { body }),
      await made('POST', '/shop/taskruns', { body }),
    ]
    for (const { uid } of others) uids.add(uid)
    expect(uids.size).toBe(5)
  })

  it('refuses a key that was given for another run', async () => {
    const body = { taskRef: 'check-disk', variables: { path: '/' } }
    await made('POST', '/shop/taskruns', { body, key: 'k' })
    expect(await ask('POST', '/shop/taskruns', { body: { ...body, variables: {} }, key: 'k' })).toMatchObject(
      {
        status: 409,
        message: expect.stringMatching(
          /^Idempotency-Key "k" was given for TaskRun "check-disk-\w{12}" already/,
        ),
      },
    )
  })

  it('takes another name where one is taken', async () => {
    const { name } = await made('POST', '/shop/taskruns', { body: { taskRef: 'check-disk' } })
    const draws = [Number.parseInt(name.slice(-5), 36), 36 ** 5 - 1]
    const inside = { ...world, random: () => draws.shift() ?? 0 }
    expect(await made('POST', '/shop/taskruns', { body: { taskRef: 'check-disk' }, inside })).toMatchObject({
      name: 'check-disk-zzzzz',
    })
  })

  it.each<[string, string, unknown, number, string]>([
    ['no object', 'taskruns', [], 400, 'it has to be a JSON object'],
    ['no taskRef', 'taskruns', {}, 422, 'taskRef: it is missing'],
    [
      'a taskRef of a pipeline',
      'pipelineruns',
      { taskRef: 'a' },
      422,
      'there is no field "taskRef", there are pipelineRef,',
    ],
    ['a slip of the pen', 'taskruns', { taskRef: 'a', variabels: {} }, 422, 'did you mean "variables"?'],
    ['a number', 'taskruns', { taskRef: 'a', variables: { n: 3 } }, 422, 'variables.n: it has to be a text'],
    ['a schedule', 'taskruns', { taskRef: 'a', crontab: '* * * * *' }, 422, 'there is no field "crontab"'],
    [
      'a Task that is not there',
      'taskruns',
      { taskRef: 'chek-disk' },
      404,
      'There is no Task "chek-disk" in namespace "shop": did you mean "check-disk"?',
    ],
    ['one like none', 'taskruns', { taskRef: 'x' }, 404, 'there are check-disk, check-dns'],
    ['a name that is none', 'taskruns', { taskRef: '../secrets' }, 404, 'There is no Task "../secrets"'],
    ['a Pipeline that is not there', 'pipelineruns', { pipelineRef: 'nigt' }, 404, 'did you mean "night"?'],
  ])('refuses %s', async (_, plural, body, status, message) => {
    expect(await ask('POST', `/shop/${plural}`, { body })).toMatchObject({
      status,
      message: expect.stringContaining(message),
    })
  })

  it('says that a namespace has none, or cannot be one', async () => {
    const body = { taskRef: 'check-disk' }
    expect(await ask('POST', '/other/taskruns', { body })).toMatchObject({
      status: 404,
      message: expect.stringContaining('in namespace "other": there are none'),
    })
    expect(await ask('POST', '/a.b/taskruns', { body })).toMatchObject({ status: 404 })
  })
})

describe('runs that are there', async () => {
  const status = (runStatus: 'Failed' | 'Successed') => ({
    runStatus,
    taskrunNodeStatus: {
      here: {
        runStatus,
        taskRunStep: [{ stepName: 'look', stepContent: 'df', stepOutput: 'full', stepStatus: runStatus }],
      },
    },
  })
  for (const [name, ending] of [
    ['a.one', 'Failed'],
    ['b-two', 'Successed'],
    ['c-three', undefined],
  ] as const) {
    clock += 60_000
    const run = await objects.create({
      kind: 'TaskRun',
      metadata: {
        namespace: 'runs',
        name,
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
      spec: { taskRef: `task-of-${name.at(0)}` },
    })
    if (run && ending) await objects.putStatus(run, status(ending))
  }

  it('are listed, the newest first, a page at a time', async () => {
    expect(await names('/runs/taskruns')).toEqual({ names: ['c-three', 'b-two', 'a.one'], total: 3 })
    expect(await names('/runs/taskruns', 'page=2&page_size=2')).toEqual({ names: ['a.one'], total: 3 })
    expect(await names('/runs/pipelineruns')).toEqual({ names: [], total: 0 })
    expect(await names('/none/taskruns')).toEqual({ names: [], total: 0 })
  })

  it.each([
    ['search=A-ONE', ['a.one']],
    ['search=task_of_b', ['b-two']],
    ['search=success', ['b-two']],
    ['status=Failed', ['a.one']],
    ['status=Failed&search=two', []],
  ])('are found by %s', async (query, found) =>
    expect((await names('/runs/taskruns', query)).names).toEqual(found),
  )

  it('are listed without what is long, and shown with all of it', async () => {
    const list = JSON.stringify(await ask('GET', '/runs/taskruns'))
    expect(list).toContain('"stepStatus":"Failed"')
    expect(list).not.toMatch(/stepOutput|stepContent/)
    const shown = await ask('GET', '/runs/taskruns/a.one')
    expect(shown).toMatchObject({ data: { metadata: { annotations: {} }, status: status('Failed') } })
  })

  it.each<[string, Partial<Token>, string[]]>([
    ['who may ask for runs', { rights: ['runs'] }, ['c-three', 'b-two', 'a.one']],
    ['an administrator', { rights: ['admin'] }, ['c-three', 'b-two', 'a.one']],
    [
      'who may read their status',
      { read: ['ops.clusters.c1.namespaces.runs.taskruns.*.status'] },
      ['c-three', 'b-two', 'a.one'],
    ],
    ['who may read that of one', { read: ['ops.clusters.*.namespaces.*.taskruns.a_one.>'] }, ['a.one']],
    ['who reads another cluster', { read: ['ops.clusters.c2.>'] }, []],
    ['who keeps silences', { rights: ['silences'] }, []],
  ])('are seen by %s', async (_, may, seen) => {
    expect((await names('/runs/taskruns', '', may)).names).toEqual(seen)
    for (const name of ['a.one', 'b-two'])
      expect(await ask('GET', `/runs/taskruns/${name}`, { token: token(may) })).toMatchObject(
        seen.includes(name) ? { data: {} } : { status: 404 },
      )
  })

  it.each([
    ['GET', '/runs/taskruns', 'status=failed', 400, 'status: it has to be one of Running,'],
    ['GET', '/runs/taskruns', 'page_size=0', 400, 'page_size: it has to be a whole number'],
    ['GET', '/runs/taskruns/none', '', 404, 'There is no TaskRun "runs/none"'],
    ['GET', '/runs/taskruns/..%2f', '', 404, 'There is no TaskRun'],
    ['GET', '/A/taskruns', '', 404, 'There is no namespace "A"'],
  ] as const)('%s %s?%s is refused', async (method, path, query, status, message) => {
    expect(await ask(method, path, { query })).toMatchObject({
      status,
      message: expect.stringContaining(message),
    })
  })

  it('cannot be asked for where one is unreadable, or what holds them is away', async () => {
    const failing = (error: Error): World => ({
      ...world,
      objects: async () => ({ ...objects, get: async () => Promise.reject(error) }) satisfies Objects,
    })
    const unreadable = failing(new UnreadableObject('TaskRun "runs/a" cannot be read'))
    expect(await ask('GET', '/runs/taskruns/a', { inside: unreadable })).toMatchObject({ status: 500 })
    const away = await ask('GET', '/runs/taskruns/a', { inside: failing(new Error('timeout')) })
    expect(away).toMatchObject({ status: 503, head: { 'retry-after': '1' } })
  })
})
