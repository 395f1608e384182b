import { messageOf } from '../../../shared/log.ts'
import type { PlaceReport, StepReport, Work } from '../executor.ts'
import { filled } from '../script/filled.ts'
import { holds } from '../script/holds.ts'
import { outputReader } from '../script/output.ts'
import type { PreparedStep } from '../script/step.ts'
import { cutOf, limited } from './cut.ts'
import { type Ended, told, unrun, type Went } from './told.ts'

/** What is run of one step. */
export type Script = { interpreter: string[]; text: string; env: Record<string, string> }

/** Runs one script to its end, and on `signal` ends it with all that it started. Never rejects. */
export type RunScript = (
  script: Script,
  watched: { push(chunk: Buffer): void; signal: AbortSignal; limitSeconds: number },
) => Promise<Ended>

type At = Work['at'][number]
type Asked = { work: Work; run: RunScript; signal: AbortSignal; now(): Date }

/** Runs the steps of one place one after the other, until one fails that may not. */
export async function walk(at: At, asked: Asked): Promise<PlaceReport> {
  const startTime = asked.now().toISOString()
  const outputs = new Map<string, string>()
  const steps: StepReport[] = []
  const end = (runStatus: PlaceReport['runStatus'], message?: string): PlaceReport => ({
    place: at.place.name,
    runStatus,
    ...(message !== undefined && { message }),
    startTime,
    completionTime: asked.now().toISOString(),
    steps,
  })
  for (const step of at.steps) {
    const before = cutOf(asked.signal)
    if (before) return end(before.status, `${before.why} before step "${step.name}"`)
    const went = await take(step, { ...asked, at, outputs }).catch(
      // To throw would be to say that nothing was started.
      (error): Went => ({ report: unrun(step, 'Failed', messageOf(error)), lost: true }),
    )
    steps.push(went.report)
    if (went.cut) return end(went.cut.status, went.report.message)
    if (went.lost || (went.report.status === 'Failed' && !allowed(step, outputs, went.report)))
      return end('Failed', went.report.message)
  }
  return end('Successed')
}

async function take(
  step: PreparedStep,
  { work, at, run, signal, outputs }: Asked & { at: At; outputs: Map<string, string> },
): Promise<Went> {
  outputs.set(step.name, '')
  const long = step.uses.find(name => !outputs.has(name))
  if (long)
    return { report: unrun(step, 'Failed', `the output of step "${long}" is longer than a step can use`) }
  const wanted = step.when ? holds(step.when, name => outputs.get(name) ?? '') : true
  if (typeof wanted === 'object')
    return { report: unrun(step, 'Failed', `its "when" cannot be told: ${wanted.problem}`) }
  if (!wanted) return { report: unrun(step, 'Skipped', 'its "when" does not hold') }
  const script = filled(step, outputs, work.endpoint)
  if ('problem' in script) return { report: unrun(step, 'Failed', script.problem) }
  const limit = limited(signal, step.timeoutSeconds * 1000)
  const reader = outputReader({ secrets: work.secrets })
  const ended = await run(
    {
      interpreter: step.interpreter,
      text: script.text,
      env: { ...at.env, ...script.env, OPSSERVER_ENDPOINT: work.endpoint },
    },
    {
      push: chunk => reader.push(chunk),
      limitSeconds: step.timeoutSeconds,
      signal: limit.signal,
    },
  ).finally(limit.done)
  const output = reader.end()
  if (output.whole === undefined) outputs.delete(step.name)
  else outputs.set(step.name, output.whole)
  return told(step, ended, { output, cut: ended.cut && cutOf(signal) })
}

function allowed(step: PreparedStep, outputs: Map<string, string>, report: StepReport): boolean {
  if (!step.allowFailure) return false
  const may = holds(step.allowFailure, name => outputs.get(name) ?? '')
  if (typeof may === 'boolean') return may
  report.message += `; its "allowfailure" cannot be told: ${may.problem}`
  return false
}
