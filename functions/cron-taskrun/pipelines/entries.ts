import type { PipelineRunStatus } from '../../../shared/resources/pipeline-run.ts'
import { fitted, mostBytes } from '../runs/fitted.ts'

type Entry = NonNullable<PipelineRunStatus['pipelineRunStatus']>[number]

/** What a PipelineRun says of its tasks, small enough: the whole of each stands in its TaskRun. */
export function fittedEntries(entries: Entry[]): Entry[] {
  const share = Math.floor(mostBytes / Math.max(entries.length, 4))
  return entries.map(({ taskRunStatus, ...entry }) => ({
    ...entry,
    ...(taskRunStatus && { taskRunStatus: fitted(taskRunStatus, share) }),
  }))
}
