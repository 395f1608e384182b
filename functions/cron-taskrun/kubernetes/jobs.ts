import { z } from 'zod'
import type { Stored } from '../../../shared/objects.ts'
import { ContainerStatus } from './ending.ts'
import { annotations, selectorOf } from './names.ts'
import type { Ask } from './world.ts'

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
})

const Names = z.array(z.string()).catch([])

const Job = z
  .object({
    metadata: z.object({
      name: z.string(),
      uid: z.string(),
      creationTimestamp: z.string(),
      annotations: z.record(z.string(), z.string()).default({}),
    }),
    status: z
      .object({
        startTime: z.string().optional(),
        completionTime: z.string().optional(),
        conditions: z.array(Condition).default([]),
      })
      .default({ conditions: [] }),
  })
  .transform(({ metadata, status }) => ({
    metadata,
    place: metadata.annotations[annotations.place] ?? '',
    places: Number(metadata.annotations[annotations.places]) || 1,
    steps: Names.parse(parsedOr(metadata.annotations[annotations.steps])),
    startTime: status.startTime ?? metadata.creationTimestamp,
    completionTime: status.completionTime,
    end: status.conditions.find(
      ({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'),
    ),
  }))
/** A Job of ours. `end` is undefined while it runs. */
export type Job = z.infer<typeof Job>

const Pod = z
  .object({
    metadata: z.object({
      name: z.string(),
      creationTimestamp: z.string(),
      deletionTimestamp: z.string().optional(),
      ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
    }),
    spec: z.object({ nodeName: z.string().optional() }).default({}),
    status: z
      .object({
        phase: z.string().default('Unknown'),
        reason: z.string().optional(),
        message: z.string().optional(),
        startTime: z.string().optional(),
        conditions: z.array(Condition).default([]),
        initContainerStatuses: z.array(ContainerStatus).default([]),
        containerStatuses: z.array(ContainerStatus).default([]),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    ...{ metadata, ...status, node: spec.nodeName },
    containers: [...status.initContainerStatuses, ...status.containerStatuses],
  }))
/** A pod of such a Job. */
export type Pod = z.infer<typeof Pod>

type Run = Pick<Stored<'TaskRun'>, 'metadata'>

/** The Jobs that there are of a run, in order of their places. */
export async function readJobs(json: Ask, run: Run): Promise<Job[]> {
  const path = `/apis/batch/v1/namespaces/${run.metadata.namespace}/jobs`
  const jobs = await listed(json, { path, run, as: Job })
  return jobs.sort((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true }))
}

/** Their pods, by the uids of their Jobs; of several of one Job the latest. */
export async function readPods(json: Ask, run: Run): Promise<Map<string, Pod>> {
  const pods = await listed(json, { path: `/api/v1/namespaces/${run.metadata.namespace}/pods`, run, as: Pod })
  const inOrder = pods.sort(
    (a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp),
  )
  return new Map(inOrder.flatMap(pod => pod.metadata.ownerReferences.map(({ uid }) => [uid, pod] as const)))
}

const Page = z.object({
  metadata: z.object({ continue: z.string().optional() }).default({}),
  items: z
    .array(z.unknown())
    .nullish()
    .transform(items => items ?? []),
})

async function listed<T>(
  json: Ask,
  { path, run, as }: { path: string; run: Run; as: z.ZodType<T> },
): Promise<T[]> {
  const items: T[] = []
  let next: string | undefined
  do {
    const query = { labelSelector: selectorOf(run), limit: 500, continue: next }
    const page = Page.parse(await json({ path, query }))
    items.push(...page.items.map(item => as.parse(item)))
    next = page.metadata.continue || undefined
  } while (next !== undefined)
  return items
}

function parsedOr(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Somebody has written something else into it.
    return undefined
  }
}
