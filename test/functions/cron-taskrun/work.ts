import { randomUUID } from 'node:crypto'
import type { Report, Work } from '../../../functions/cron-taskrun/executor.ts'
import type { PreparedStep } from '../../../functions/cron-taskrun/script/step.ts'
import type { Stored } from '../../../shared/objects.ts'

/** A step as it is prepared; the text is shell unless told otherwise. */
export const step = (name: string, text: string, more: Partial<PreparedStep> = {}): PreparedStep => ({
  name,
  content: text,
  interpreter: ['sh'],
  language: 'shell',
  text,
  uses: [],
  env: {},
  plain: [],
  timeoutSeconds: 30,
  ...more,
})

const metadata = (name: string) => ({
  name,
  namespace: 'ops',
  uid: randomUUID(),
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-11-21T12:00:00Z',
  labels: {},
  annotations: {},
  ownerReferences: [],
})

/** A run that nobody has seen before. */
export const newRun = (): Stored<'TaskRun'> => ({
  kind: 'TaskRun',
  metadata: metadata('check-1'),
  spec: { taskRef: 'check', suspend: false, concurrencyPolicy: 'Forbid' },
  status: {},
})

/** Work for these places; it has a minute. */
export const workOf = (places: string[], steps: PreparedStep[], more: Partial<Work> = {}): Work => ({
  run: newRun(),
  task: { kind: 'Task', metadata: metadata('check'), spec: { steps: [{}], privileged: false }, status: {} },
  at: places.map(name => ({ place: { name }, env: { HOSTNAME: name, TASK: 'check' }, steps })),
  endpoint: 'http://ops:token-of-the-run@ingest.example',
  secrets: ['token-of-the-run'],
  deadline: new Date(Date.now() + 60_000),
  ...more,
})

/** The first place of a report that has ended. */
export function placeOf(report: Report) {
  if (report.state !== 'ended' || !report.places[0])
    throw new Error(`It has not ended: ${JSON.stringify(report)}`)
  return report.places[0]
}
