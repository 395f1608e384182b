import { z } from 'zod'
import { withRule } from './rule.ts'

/** The name of a step or task, as other steps speak of it. */
export const StepName = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'it has to be lower-case letters and digits, with "-" in between')
  .describe('Lower-case letters and digits, with "-" in between')

export const Image = z.string().describe('Container image to run in')

/** A variable of a Task or Pipeline: where its value comes from and which ones are allowed. */
export const Variable = z.strictObject({
  default: z.string().optional().describe('The value where a run gives none'),
  value: z.string().optional().describe('The value that always counts, whatever a run gives'),
  required: z.boolean().default(false).describe('Whether a run has to have a value for it'),
  enums: z.array(z.string()).optional().describe('The values that are allowed'),
  regex: z.string().optional().describe('What a value has to match, in RE2 syntax'),
  desc: z.string().optional().describe('What it is for'),
  display: z.string().optional().describe('What it is called in forms'),
  examples: z.array(z.string()).optional().describe('Values to show in forms'),
})
export type Variable = z.infer<typeof Variable>

export const Variables = z.record(z.string(), Variable)

/** A week, in seconds: timers take some weeks, and times no year beyond 9999. */
const longestStep = 604_800

const Step = z.strictObject({
  name: StepName.optional(),
  content: z.string().optional().describe('The script: shell, or Python where its first line says so'),
  when: z.string().optional().describe('Runs only where this holds; variables may stand in it'),
  allowfailure: z.string().optional().describe('The run goes on after its failure where this holds'),
  timeoutSeconds: z
    .int()
    .min(0)
    .max(longestStep)
    .optional()
    .describe('After so long it counts as failed; 0 is the usual time'),
  runtimeImage: Image.optional(),
  localfile: z.string().optional().describe('For a copy: the file on this side'),
  remotefile: z.string().optional().describe('For a copy: the file on the host'),
  direction: z.string().optional().describe('For a copy: upload or download'),
})

const Projected = z.strictObject({ name: z.string().min(1), mountPath: z.string().min(1) })

const Mount = withRule(
  z.strictObject({
    hostPath: z.string().optional().describe('A path of the node'),
    mountPath: z.string().optional().describe('Where a hostPath appears'),
    secret: Projected.optional(),
    configMap: Projected.optional(),
  }),
  {
    kept: mount =>
      [mount.hostPath, mount.secret, mount.configMap].filter(given => given !== undefined).length === 1,
    rule: '[has(self.hostPath), has(self.secret), has(self.configMap)].filter(given, given).size() == 1',
    message: 'a mount has either hostPath, secret or configMap',
  },
)

/** `spec` of a Task: steps to run on a host or in a pod. */
export const TaskSpec = z.strictObject({
  desc: z.string().optional().describe('What it does'),
  host: z
    .string()
    .optional()
    .describe(
      'Where it runs: a name, a label selector, anynode, anymaster, anyworker, all, allmasters or allworkers',
    ),
  variables: Variables.optional(),
  steps: z.array(Step).min(1).describe('Run one after the other'),
  runtimeImage: Image.optional(),
  mounts: z.array(Mount).max(64).optional(),
  privileged: z
    .boolean()
    .default(false)
    .describe('Whether its steps run on the node itself, as root; the operator has to allow it'),
  ttlSecondsAfterFinished: z.int().min(0).optional().describe('For so long a finished run is kept'),
})
export type TaskSpec = z.infer<typeof TaskSpec>
export type TaskStep = TaskSpec['steps'][number]
