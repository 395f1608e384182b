import { z } from 'zod'
import type { StepReport } from '../executor.ts'

const Ended = z.object({
  exitCode: z.number(),
  reason: z.string().optional(),
  message: z.string().optional(),
})

/** Of a pod's `status.containerStatuses`, what tells how a step stands. */
export const ContainerStatus = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.object({}).optional(),
      terminated: Ended.optional(),
    })
    .default({}),
})
export type ContainerStatus = z.infer<typeof ContainerStatus>

/** How a step ended. `allowed`: it failed, and the run goes on all the same. */
export type Ending = Pick<StepReport, 'status' | 'message'> & { allowed?: boolean }

/** What the wrapper said about the end of its step, and what the node says about that of the container. */
export function endingOf({ exitCode, reason, message = '' }: z.infer<typeof Ended>): Ending {
  const [what = '', allowed, ...lines] = message.split('\n')
  const text = lines.join('\n').trim()
  const failed = (why: string): Ending =>
    allowed === 'allowed'
      ? { status: 'Failed', message: `${why}, which is allowed`, allowed: true }
      : { status: 'Failed', message: text === '' ? why : `${why}; ${text}` }
  if (reason === 'OOMKilled') return { status: 'Failed', message: 'Used more memory than it may (OOMKilled)' }
  if (what === 'skipped') return { status: 'Skipped', message: 'Its "when" does not hold' }
  if (what === 'problem') return { status: 'Failed', message: text }
  if (what.startsWith('timed out')) return failed(`Timed out${what.slice(9)}`)
  if (what.startsWith('exited ') && what !== 'exited 0') return failed(`Exited with ${what.slice(7)}`)
  if (exitCode === 0) return { status: 'Successed' }
  // The wrapper did not come to its end, or could not even be started.
  const said = [reason === 'Error' ? '' : reason, what.startsWith('exited ') ? '' : message.trim()]
  return { status: 'Failed', message: [`Exited with ${exitCode}`, ...said.filter(Boolean)].join(': ') }
}
