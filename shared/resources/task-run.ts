import { z } from 'zod'
import { RunStatus, runFields, runStatusFields } from './run.ts'
import { Image } from './task.ts'
import { Time } from './time.ts'

/** `spec` of a TaskRun: a Task to run once, or by the clock. */
export const TaskRunSpec = z.strictObject({
  taskRef: z.string().min(1).describe('Name of the Task, in the same namespace'),
  ...runFields,
  runtimeImage: Image.optional(),
})
export type TaskRunSpec = z.infer<typeof TaskRunSpec>

const StepStatus = z.strictObject({
  stepName: z.string().optional(),
  stepContent: z.string().optional().describe('The script as the Task has it, variables not put in'),
  stepOutput: z.string().optional(),
  stepStatus: z.string().optional().describe('Successed, Failed, or Skipped'),
  message: z.string().optional().describe('Why it stands so'),
})

const NodeStatus = z.strictObject({
  nodeName: z.string().optional(),
  runStatus: RunStatus.optional(),
  message: z.string().optional().describe('Why it stands so'),
  startTime: Time.optional(),
  completionTime: Time.optional(),
  taskRunStep: z.array(StepStatus).optional(),
})

/** `status` of a TaskRun, by the names that the older system gave it. */
export const TaskRunStatus = z.strictObject({
  runStatus: RunStatus.optional(),
  message: z.string().optional().describe('Why it stands so'),
  startTime: Time.optional(),
  completionTime: Time.optional(),
  taskrunNodeStatus: z.record(z.string(), NodeStatus).optional().describe('By name of the host or node'),
  results: z
    .record(z.string(), z.string())
    .optional()
    .describe('What its steps printed as OPS_RESULT:key=value'),
  executor: z.enum(['kubernetes', 'local', 'ssh']).optional().describe('What runs it'),
  ...runStatusFields,
})
export type TaskRunStatus = z.infer<typeof TaskRunStatus>
