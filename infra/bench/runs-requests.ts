import { z } from 'zod'
import type { Ask } from '../../shared/adapters/kubernetes.ts'
import { apiVersion } from '../../shared/hook.ts'
import type { Stored } from '../../shared/objects.ts'
import { namespace, task } from './runs-stand.ts'

const Labelled = z.object({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
const Run = z.object({ status: z.record(z.string(), z.unknown()) })
const Secret = z.object({ metadata: Labelled, data: z.record(z.string(), z.string()) })
const Job = z.object({
  metadata: Labelled,
  spec: z.looseObject({ selector: z.unknown(), template: z.looseObject({}) }),
})

/** What cron-taskrun made for a run. */
export type Made = { status: Record<string, unknown>; job: Body; secret: Body }
type Body = { metadata: z.infer<typeof Labelled>; [field: string]: unknown }

const runs = `/apis/${apiVersion}/namespaces/${namespace}/taskruns`
const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
const secrets = `/api/v1/namespaces/${namespace}/secrets`

/** Looks at what was made for one of the runs that were started. */
export async function madeBy(json: (ask: Ask) => Promise<unknown>): Promise<Made> {
  async function first<T>(path: string, item: z.ZodType<T>): Promise<T> {
    const page = z.object({ items: z.array(item) }).parse(await json({ path, query: { limit: 1 } }))
    const [one] = page.items
    if (one === undefined) throw new Error(`There is nothing at ${path}`)
    return one
  }
  const { status } = await first(runs, Run)
  const { metadata, spec } = await first(jobs, Job)
  const { selector: _, template, ...rest } = spec
  // The server selects the pods by labels that it puts there itself.
  const labelled = { ...template, metadata: { labels: metadata.labels } }
  return {
    status,
    job: { metadata, spec: { ...rest, template: labelled } },
    secret: await first(secrets, Secret),
  }
}

/** What the start of this run asks of the API server, one after the other. */
export function callsOf(run: Stored<'TaskRun'>, { status, job, secret }: Made): Ask[] {
  const { kind, spec, metadata } = run
  const { name, uid } = metadata
  const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }]
  const named = (body: Body) => ({ ...body, metadata: { ...body.metadata, name, ownerReferences } })
  const body = { apiVersion, kind, metadata, spec, status }
  return [
    { path: `${runs}/${name}` },
    { path: `/apis/${apiVersion}/namespaces/${namespace}/tasks/${task.metadata.name}` },
    { method: 'PUT', path: `${runs}/${name}/status`, body },
    { method: 'POST', path: jobs, body: named(job) },
    { method: 'POST', path: secrets, body: named(secret) },
  ]
}
