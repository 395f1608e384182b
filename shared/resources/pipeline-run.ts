import { z } from 'zod'
import { PipelineSpec } from './pipeline.ts'
import { RunStatus, runFields, runStatusFields } from './run.ts'
import { TaskRunStatus } from './task-run.ts'
import { Time } from './time.ts'

/** `spec` of a PipelineRun: a Pipeline to run once, or by the clock. */
export const PipelineRunSpec = z.strictObject({
  pipelineRef: z.string().min(1).describe('Name of the Pipeline, in the same namespace'),
  ...runFields,
})
export type PipelineRunSpec = z.infer<typeof PipelineRunSpec>

const PipelineTaskStatus = z.strictObject({
  name: z.string().optional(),
  taskRef: z.string().optional(),
  taskRunStatus: TaskRunStatus.optional(),
  results: z.record(z.string(), z.string()).optional(),
})

/** `status` of a PipelineRun, by the names that the older system gave it. */
export const PipelineRunStatus = z.strictObject({
  runStatus: RunStatus.optional(),
  message: z.string().optional().describe('Why it stands so'),
  startTime: Time.optional(),
  completionTime: Time.optional(),
  pipelineSpec: PipelineSpec.optional().describe(
    'The Pipeline as it was when it started, with the values of its variables: what counts to the end',
  ),
  pipelineRunStatus: z.array(PipelineTaskStatus).optional().describe('Of its tasks, in their order'),
  ...runStatusFields,
})
export type PipelineRunStatus = z.infer<typeof PipelineRunStatus>
