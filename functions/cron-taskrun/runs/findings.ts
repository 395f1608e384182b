import { PublishError } from '../../../shared/adapters/publisher.ts'
import { correlationIdOf } from '../../../shared/correlation.ts'
import { type OpsEvent, ownSource } from '../../../shared/event.ts'
import { type Place, subjectOf } from '../../../shared/event-path.ts'
import { idOf } from '../../../shared/id.ts'
import type { Stored } from '../../../shared/objects.ts'
import { runSubjects } from '../../../shared/run-tokens.ts'
import { lineageOf } from '../../../shared/runs.ts'
import { resourceSubject, subjectMatches } from '../../../shared/subject.ts'
import type { Finding, PlaceReport } from '../executor.ts'
import { gateOf } from '../gate.ts'

type Publish = (event: OpsEvent & { subject: string }) => Promise<unknown>

/** So many are on their way at once: a bus that gets thousands at a time gives up on the last of them. */
const atOnce = 64

/** Where a finding is from: its place in a run is what its id is made of, so that told twice it is once. */
export type Found = {
  run: Stored<'TaskRun'>
  cluster: string
  place: string
  step: string
  index: number
  now: Date
}

/** The event of a finding that a step printed, or why it cannot be published. */
export function findingEvent(
  data: Record<string, unknown>,
  { run, cluster, place, step, index, now }: Found,
): { event: OpsEvent & { subject: string } } | { problem: string } {
  const { namespace, name, uid, annotations } = run.metadata
  const { subject: asked, ...said } = data
  const own = resourceSubject({
    ...{ cluster, namespace, name },
    plural: 'taskruns',
    observation: 'findings',
  })
  const ownRoot = { cluster, kind: run.kind, namespace, name, uid }
  const wanted = asked === undefined ? { subject: own } : placed(asked, { cluster, namespace })
  if ('problem' in wanted) return wanted
  const { subject } = wanted
  if (!runSubjects(cluster).some(pattern => subjectMatches(pattern, subject)))
    return {
      problem: `A finding cannot be published on "${subject}": a run publishes findings and alerts of the cluster "${cluster}"`,
    }
  const event = {
    specversion: '1.0' as const,
    id: idOf('finding', uid, place, step, String(index)),
    source: ownSource,
    type: typeof said.type === 'string' && said.type !== '' ? said.type : 'TaskRunReport',
    subject,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    cluster,
    // On its own subject it is about the run, whose uid no subject has.
    ...(asked === undefined && { correlationid: correlationIdOf(ownRoot, now.getTime()) }),
    ...lineageOf(annotations),
    data: { cluster, host: place, kind: name, ...said },
  }
  return { event }
}

const placed = (asked: unknown, place: Place) =>
  typeof asked === 'string' ? subjectOf(asked, place) : { problem: 'Its "subject" is no text' }

/**
 * Publishes what the steps of a run found. The reports with what could not be, and never can, among the problems of
 * their steps. @throws PublishError while the bus is away or full
 */
export async function tellFindings(
  places: PlaceReport[],
  about: Pick<Found, 'run' | 'cluster' | 'now'>,
  publish: Publish,
): Promise<PlaceReport[]> {
  const gate = gateOf(atOnce)
  const told = async (
    place: string,
    step: string,
    data: Record<string, unknown>,
    index: number,
  ): Promise<Finding> => {
    const made = findingEvent(data, { ...about, place, step, index })
    return 'problem' in made ? made : gate(() => published(made.event, data, publish))
  }
  return Promise.all(
    places.map(async report => ({
      ...report,
      steps: await Promise.all(
        report.steps.map(async step => ({
          ...step,
          findings: await Promise.all(
            step.findings.map((finding, index) =>
              'problem' in finding ? finding : told(report.place, step.name, finding.data, index),
            ),
          ),
        })),
      ),
    })),
  )
}

async function published(
  event: OpsEvent & { subject: string },
  data: Record<string, unknown>,
  publish: Publish,
): Promise<Finding> {
  try {
    await publish(event)
    return { data }
  } catch (error) {
    if (error instanceof PublishError && error.kind === 'refused') return { problem: error.message }
    throw error
  }
}
