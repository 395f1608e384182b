import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'

/** A status larger than this is not kept: what holds objects takes no more than 1 MiB of each, and lists of them add up. */
export const mostBytes = 256 * 1024

type Nodes = NonNullable<TaskRunStatus['taskrunNodeStatus']>
type Node = Nodes[string]

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** A status that fits, its texts cut in the middle as far as that takes. What went well is left out before what did not. */
export function fitted(status: TaskRunStatus, most = mostBytes): TaskRunStatus {
  for (let cap = 64 * 1024; cap >= 64; cap /= 4) {
    const shorter = cap === 64 * 1024 ? status : withTexts(status, cap)
    if (sizeOf(shorter) <= most) return shorter
  }
  const bare = withNodes(withTexts(status, 64), ({ runStatus, taskRunStep, ...node }) => ({
    ...node,
    ...(runStatus && { runStatus }),
    ...(runStatus !== 'Successed' && taskRunStep && { taskRunStep }),
  }))
  return sizeOf(bare) <= most ? bare : withFewer(bare, most)
}

const withNodes = (status: TaskRunStatus, change: (node: Node) => Node): TaskRunStatus => ({
  ...status,
  ...(status.taskrunNodeStatus && {
    taskrunNodeStatus: Object.fromEntries(
      Object.entries(status.taskrunNodeStatus).map(([name, node]) => [name, change(node)]),
    ),
  }),
})

function withTexts(status: TaskRunStatus, cap: number): TaskRunStatus {
  const { message, results } = status
  const shorter = withNodes(status, ({ message: why, taskRunStep, ...node }) => ({
    ...node,
    ...(why !== undefined && { message: cut(why, cap) }),
    ...(taskRunStep && {
      taskRunStep: taskRunStep.map(({ stepContent, stepOutput, message: said, ...step }) => ({
        ...step,
        ...(stepContent !== undefined && { stepContent: cut(stepContent, cap) }),
        ...(stepOutput !== undefined && { stepOutput: cut(stepOutput, cap) }),
        ...(said !== undefined && { message: cut(said, cap) }),
      })),
    }),
  }))
  return {
    ...shorter,
    ...(message !== undefined && { message: cut(message, Math.max(cap, 1024)) }),
    ...(results && {
      results: Object.fromEntries(Object.entries(results).map(([key, value]) => [key, cut(value, cap)])),
    }),
  }
}

/** As many places as there is room for: those first of which there is something to say. */
function withFewer(status: TaskRunStatus, most: number): TaskRunStatus {
  const { results, ...rest } = status
  const all = Object.entries(status.taskrunNodeStatus ?? {})
  const ordered = [
    ...all.filter(([, { runStatus }]) => runStatus !== 'Successed'),
    ...all.filter(([, { runStatus }]) => runStatus === 'Successed'),
  ]
  const kept: typeof all = []
  let left = most - sizeOf({ ...rest, taskrunNodeStatus: {} }) - 200
  for (const entry of ordered) {
    left -= sizeOf(entry) + 1
    if (left < 0) break
    kept.push(entry)
  }
  const note = `${all.length - kept.length} of ${all.length} places do not fit in here`
  return {
    ...rest,
    message: rest.message ? `${rest.message}; ${note}` : note,
    taskrunNodeStatus: Object.fromEntries(kept),
  }
}

/** A text of at most so many characters, beside the note of how many are missing in its middle. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const half = Math.floor(most / 2)
  const left = text.length - 2 * half
  // A surrogate pair that is cut in two would be no text.
  return `${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(text.length - half)}`.toWellFormed()
}
