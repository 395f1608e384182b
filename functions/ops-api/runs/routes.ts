import { z } from 'zod'
import { isNamespace, isObjectName } from '../../../shared/object-names.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import { RunStatus } from '../../../shared/resources/run.ts'
import type { RunKind } from '../../../shared/runs.ts'
import { resourceSubject } from '../../../shared/subject.ts'
import { hasRight, mayRead, type Token } from '../../../shared/tokens.ts'
import { readQuery, whole } from '../read.ts'
import type { Answered, Call, Route } from '../route.ts'
import { asked } from './ask.ts'
import { bodies, type World as Making, makeRun } from './make.ts'
import { listed, type Run, refOf, shown } from './run.ts'

/** What the routes need. */
export type World = Making & {
  /** Name of the cluster: who may read the status events of a run there may read the run. */
  cluster: string | undefined
}

// The table of all resources has them too, with schemas that take their time to load.
const plurals = { TaskRun: 'taskruns', PipelineRun: 'pipelineruns' } as const
const words = RunStatus.options
const Query = z.strictObject({
  search: z.string().optional(),
  status: z.enum(words, `it has to be one of ${words.join(', ')}`).optional(),
  page: whole(1, 100_000).default(1),
  page_size: whole(1, 100).default(20),
})
const Nothing = z.strictObject({})

/** Runs of Tasks and Pipelines: asked for, listed and shown. */
export const runRoutes = (world: World): Route[] => [
  ...routesOf('TaskRun', world),
  ...routesOf('PipelineRun', world),
]

function routesOf(kind: RunKind, world: World): Route[] {
  const plural = plurals[kind]

  function maySee(token: Token, namespace: string, name: string): boolean {
    const { cluster } = world
    if (hasRight(token, 'runs')) return true
    return (
      cluster !== undefined &&
      mayRead(token, resourceSubject({ cluster, namespace, plural, name, observation: 'status' }))
    )
  }

  async function list({ token, params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const { search = '', status, page, page_size } = read.value
    const namespace = params.namespace ?? ''
    if (!isNamespace(namespace)) return noNamespace(namespace)
    const all = await asked(world, objects => objects.list(kind, { namespace }))
    if ('status' in all) return all
    const found = all
      .filter(({ metadata }) => maySee(token, namespace, metadata.name))
      .filter(run => status === undefined || run.status.runStatus === status)
      .filter(run => isFound(run, search))
      .sort(newestFirst)
    const some = found.slice((page - 1) * page_size, page * page_size)
    return { data: { list: some.map(listed), total: found.length, page, page_size } }
  }

  async function get({ token, params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Nothing, query)
    if ('status' in read) return read
    const { namespace = '', name = '' } = params
    const isName = isNamespace(namespace) && isObjectName(name)
    const run =
      isName && maySee(token, namespace, name)
        ? await asked(world, objects => objects.get(kind, namespace, name))
        : undefined
    if (!run) return noRun(kind, namespace, name)
    return 'metadata' in run ? { data: shown(run) } : run
  }

  async function post(call: Call): Promise<Answered | Refusal> {
    const { namespace = '' } = call.params
    if (!isNamespace(namespace)) return noNamespace(namespace)
    const made = await makeRun(kind, call, world)
    if ('status' in made) return made
    world.log.info({ kind, namespace, run: made.run.metadata.name, by: call.token.name }, 'Run asked for')
    return { data: shown(made.run) }
  }

  const path = `/api/v1/namespaces/{namespace}/${plural}`
  return [
    { method: 'GET', path, right: 'read', summary: `${kind}s, newest first`, query: Query, answer: list },
    { method: 'GET', path: `${path}/{name}`, right: 'read', summary: `One ${kind}`, answer: get },
    { method: 'POST', path, right: 'runs', summary: `Ask for a ${kind}`, body: bodies[kind], answer: post },
  ]
}

const noNamespace = (namespace: string): Refusal => ({
  status: 404,
  message: `There is no namespace ${quoted(namespace)}: its name has lower-case letters, digits and "-"`,
})

const noRun = (kind: RunKind, namespace: string, name: string): Refusal => ({
  status: 404,
  message: `There is no ${kind} ${quoted(`${namespace}/${name}`)}, or none that this token may read`,
})

// As the older system searched.
const plain = (text: string) => text.toLowerCase().replaceAll(/[._]/g, '-')

function isFound({ metadata, spec, status }: Run, search: string): boolean {
  const wanted = plain(search)
  return [metadata.name, refOf(spec), status.runStatus ?? ''].some(text => plain(text).includes(wanted))
}

function newestFirst(one: Run, other: Run): number {
  const age = Date.parse(other.metadata.creationTimestamp) - Date.parse(one.metadata.creationTimestamp)
  return age || one.metadata.name.localeCompare(other.metadata.name, 'en')
}
