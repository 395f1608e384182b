import type { Log } from '../../shared/log.ts'
import type { Circle } from './circles.ts'
import type { Ignored } from './compile.ts'
import type { Refusal } from './refusal.ts'

/** What there is to tell of what was compiled. */
export type Report = { refused: Refusal[]; ignored?: Ignored[]; circles?: Circle[] }

/** Tells of what is not in force as it is written, or not as it may be meant: each once, and again when it has changed. */
export function reporter(log: Log): (report: Report) => void {
  let told = new Set<string>()
  return ({ refused, ignored = [], circles = [] }) => {
    const now = new Set<string>()
    const once = (fields: object, tell: () => void) => {
      const key = JSON.stringify(fields)
      if (!told.has(key) && !now.has(key)) tell()
      now.add(key)
    }
    for (const refusal of refused) once(refusal, () => log.warn(refusal, sentence(refusal)))
    for (const circle of circles) once(circle, () => log.warn(circle, circleSentence(circle)))
    for (const one of ignored) once(one, () => log.info(one, 'Ignored: it is no resource of ours'))
    told = now
  }
}

/** `Hook "ops/a" is refused, a.yaml:7: spec.type: it is "webhok", …` */
export function sentence(refusal: Refusal): string {
  const { file, problems, kept } = refusal
  const about = aboutOf(refusal)
  const all = problems.map(({ line, field, problem }) => {
    const where = line === undefined ? file : `${file}:${line}`
    return field === undefined ? `${where}: ${problem}` : `${where}: ${field}: ${problem}`
  })
  const instead = kept.length > 0 ? '; what was in force before stays in force' : ''
  return `${about} is refused, ${all.join('; ')}${instead}`
}

function aboutOf({ hook, silence, object, kind }: Refusal): string {
  if (object !== undefined) return `${kind} "${object}"`
  if (silence !== undefined) return `Silence "${silence}"`
  return hook === undefined ? 'A document' : `Hook "${hook}"`
}

const circleSentence = ({ hook, problem }: Circle) => `Hook "${hook}" is in force, but ${problem}`
