import { z } from 'zod'
import { RunStatus } from '../../shared/resources/run.ts'
import { hasEnded } from '../../shared/runs.ts'
import { printableLines } from './table.ts'

const text = z.string().optional()
const Step = z.looseObject({ stepName: text, stepOutput: text, stepStatus: text, message: text })
const Place = z.looseObject({
  ...{ runStatus: text, message: text },
  taskRunStep: z.array(Step).default([]),
})
const standing = {
  runStatus: RunStatus.optional(),
  ...{ message: text, startTime: text, completionTime: text },
}
const TaskStatus = z.looseObject({
  ...standing,
  taskrunNodeStatus: z.record(z.string(), Place).default({}),
})
const PipelineTask = z.looseObject({ name: text, taskRef: text, taskRunStatus: TaskStatus.optional() })

/** A TaskRun or PipelineRun as ops-api shows it, as far as it is read here. */
export const Run = z.looseObject({
  kind: z.enum(['TaskRun', 'PipelineRun']),
  metadata: z.looseObject({ namespace: z.string(), name: z.string(), creationTimestamp: z.string() }),
  spec: z.looseObject({ taskRef: text, pipelineRef: text, crontab: text, suspend: z.boolean().optional() }),
  status: TaskStatus.extend({ pipelineRunStatus: z.array(PipelineTask).default([]) }),
})
export type Run = z.infer<typeof Run>

/** What is known of a step; `where` tells it from all others of the run. */
export type StepDone = { where: string; status: string; message: string; output: string }

/** The steps that have ended, in the order in which they were to run. */
export const stepsOf = ({ status }: Run): StepDone[] => [
  ...stepsIn(status, ''),
  ...status.pipelineRunStatus.flatMap(({ name, taskRef, taskRunStatus }) =>
    taskRunStatus ? stepsIn(taskRunStatus, `${name ?? taskRef ?? ''} `) : [],
  ),
]

function stepsIn({ taskrunNodeStatus }: z.infer<typeof TaskStatus>, before: string): StepDone[] {
  return Object.entries(taskrunNodeStatus).flatMap(([place, { taskRunStep }]) =>
    taskRunStep.flatMap(({ stepName, stepStatus, stepOutput = '', message = '' }, index) =>
      stepStatus
        ? [
            {
              where: `${before}${place} ${stepName ?? index + 1}`,
              status: stepStatus,
              message,
              output: stepOutput,
            },
          ]
        : [],
    ),
  )
}

/** A step as people read it: how it ended, and what it printed. */
export function stepText({ where, status, message, output }: StepDone): string {
  const head = `--- ${where}: ${status}${message ? ` (${message})` : ''}`
  return [head, output.replace(/^\n+/, '').trimEnd()]
    .filter(part => part !== '')
    .map(printableLines)
    .join('\n')
}

/** How a run stands, on one line. */
export function standingOf({ kind, metadata, spec, status }: Run): string {
  const how = scheduleOf({ spec, status }) ?? status.runStatus ?? 'not started yet'
  const line = `${kind} ${metadata.namespace}/${metadata.name}: ${how}${status.message ? `, ${status.message}` : ''}`
  return printableLines(line)
}

/** How one with a crontab stands, which never runs itself; undefined of others. */
export function scheduleOf({ spec, status }: Pick<Run, 'spec' | 'status'>): string | undefined {
  if (!spec.crontab) return undefined
  if (status.runStatus === 'DataInValid') return `DataInValid, ${spec.crontab}`
  return `${spec.suspend ? 'suspended' : 'by the clock'}, ${spec.crontab}`
}

export const isOver = ({ status }: Run): boolean => hasEnded(status)
