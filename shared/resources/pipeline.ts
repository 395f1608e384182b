import { z } from 'zod'
import { Image, StepName, Variables } from './task.ts'

const PipelineTask = z.strictObject({
  name: StepName.optional(),
  desc: z.string().optional().describe('What it is for'),
  taskRef: z.string().min(1).describe('Name of the Task, in the same namespace'),
  variables: z
    .record(z.string(), z.string())
    .optional()
    .describe('Values for this task, over those of the run'),
  runtimeImage: Image.optional(),
  allowFailure: z.boolean().default(false).describe('Whether the pipeline goes on after its failure'),
  runAlways: z.boolean().default(false).describe('Whether it runs even after another one failed'),
  results: z
    .record(z.string(), z.string())
    .optional()
    .describe('What later tasks can use of it: name of the result, name of the step'),
})

/** `spec` of a Pipeline: Tasks to run one after the other, with results passed on. */
export const PipelineSpec = z.strictObject({
  desc: z.string().optional().describe('What it does'),
  variables: Variables.optional(),
  tasks: z.array(PipelineTask).min(1).describe('Run one after the other'),
  runtimeImage: Image.optional(),
  ttlSecondsAfterFinished: z.int().min(0).optional().describe('For so long a finished run is kept'),
})
export type PipelineSpec = z.infer<typeof PipelineSpec>
