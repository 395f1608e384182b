import type { Stored } from '../../../shared/objects.ts'
import { annotations, hasEnded, type RunKind } from '../../../shared/runs.ts'

/** As many as a CronJob keeps. */
const kept = { successful: 3, failed: 1 }

type Limits = {
  successfulRunsHistoryLimit?: number | undefined
  failedRunsHistoryLimit?: number | undefined
}

/** The runs of an object with a crontab that are over and more than are kept, the oldest. */
export function surplus<K extends RunKind>(children: Stored<K>[], limits: Limits): Stored<K>[] {
  const over = children
    .filter(({ status }) => hasEnded(status))
    .sort((a, b) => (madeFor(a) < madeFor(b) ? 1 : -1))
  const good = over.filter(({ status }) => status.runStatus === 'Successed')
  const bad = over.filter(({ status }) => status.runStatus !== 'Successed')
  return [
    ...good.slice(limits.successfulRunsHistoryLimit ?? kept.successful),
    ...bad.slice(limits.failedRunsHistoryLimit ?? kept.failed),
  ]
}

const madeFor = ({ metadata }: Stored<RunKind>): number =>
  Date.parse(metadata.annotations[annotations.due] ?? metadata.creationTimestamp)
