import { z } from 'zod'
import { type Client, Trouble } from './client.ts'
import type { Command, Given } from './command.ts'
import { Run, scheduleOf, standingOf, stepsOf, stepText } from './run-object.ts'
import { namespaceOption, pathOfRun, placeOf, type runPaths } from './run-paths.ts'
import { table } from './table.ts'
import { tookOf } from './times.ts'

type Kind = keyof typeof runPaths
const Page = z.looseObject({ list: z.array(Run), total: z.number() })

const options = {
  ...namespaceOption,
  status: {
    type: 'string',
    hint: 'status',
    says: 'only those that are Running, Successed, Failed or the like',
  },
  search: {
    type: 'string',
    hint: 'text',
    says: 'only those with this in their name, that of what they run, or status',
  },
  limit: { type: 'string', hint: 'n', says: 'so many, 20 unless given and 100 at most' },
} as const

const list = (words: string, kinds: Kind[], says: string): Command => ({
  words,
  says,
  options,
  async run({ client, given, tasks, print }) {
    const where = String(given.namespace ?? tasks)
    const pages = await Promise.all(
      kinds.map(kind => client.ask(Page, 'GET', pathOfList(kind, where, given))),
    )
    const most = Number(given.limit ?? 20)
    const runs = pages
      .flatMap(page => page.list)
      .sort(newestFirst)
      .slice(0, most)
    const total = pages.reduce((sum, page) => sum + page.total, 0)
    if (given.json) return print(JSON.stringify({ list: runs, total }, null, 2))
    if (runs.length === 0) return print(`There are no such runs in namespace ${where}`)
    print(table(['RUN', 'KIND', 'OF', 'STATUS', 'CREATED', 'TOOK', 'MESSAGE'], runs.map(rowOf)))
    if (total > runs.length) print(`${runs.length} of ${total}`)
  },
})

function pathOfList(kind: Kind, namespace: string, given: Given): string {
  const query = new URLSearchParams({ page_size: String(given.limit ?? 20) })
  for (const name of ['status', 'search']) if (given[name] !== undefined) query.set(name, String(given[name]))
  return `${pathOfRun(kind, namespace)}?${query}`
}

function newestFirst(one: Run, other: Run): number {
  return Date.parse(other.metadata.creationTimestamp) - Date.parse(one.metadata.creationTimestamp)
}

function rowOf({ kind, metadata, spec, status }: Run): string[] {
  const standing = scheduleOf({ spec, status }) ?? status.runStatus ?? ''
  const of = spec.taskRef ?? spec.pipelineRef ?? ''
  return [
    ...[metadata.name, kind, of, standing, metadata.creationTimestamp],
    ...[tookOf(status.startTime, status.completionTime), status.message ?? ''],
  ]
}

const show: Command = {
  words: 'runs show',
  operand: 'name',
  says: 'one of them: how it stands, its steps and what they printed',
  options: namespaceOption,
  async run({ client, given, operand, tasks, print }) {
    const place = placeOf(operand, String(given.namespace ?? tasks))
    const run = await found(client, place)
    if (given.json) return print(JSON.stringify(run, null, 2))
    print([standingOf(run), ...stepsOf(run).map(stepText)].join('\n'))
  },
}

/** A TaskRun of that name, else a PipelineRun. */
async function found(client: Client, { namespace, name }: { namespace: string; name: string }): Promise<Run> {
  try {
    return await client.ask(Run, 'GET', pathOfRun('task', namespace, name))
  } catch (error) {
    if (!(error instanceof Trouble && error.status === 404)) throw error
    return client.ask(Run, 'GET', pathOfRun('pipeline', namespace, name)).catch(other => {
      throw other instanceof Trouble && other.status === 404 ? error : other
    })
  }
}

export const runsCommands = [
  list('runs list', ['task', 'pipeline'], 'the latest runs of Tasks and Pipelines'),
  list('runs task', ['task'], 'those of Tasks only'),
  list('runs pipeline', ['pipeline'], 'those of Pipelines only'),
  show,
]
