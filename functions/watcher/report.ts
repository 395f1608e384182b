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
    for (const one of ignored) once(one, () => tellIgnored(one, log))
    told = now
  }
}

function tellIgnored({ ours, ...fields }: Ignored, log: Log): void {
  if (ours) log.debug(fields, 'Not handled in this version')
  else log.info(fields, 'Ignored: it is no resource of ours')
}

/** `Hook "ops/a" is refused, a.yaml:7: spec.type: it is "webhok", …` */
function sentence({ file, hook, silence, problems, kept }: Refusal): string {
  const about = aboutOf(hook, silence)
  const all = problems.map(({ line, field, problem }) => {
    const where = line === undefined ? file : `${file}:${line}`
    return field === undefined ? `${where}: ${problem}` : `${where}: ${field}: ${problem}`
  })
  const instead = kept.length > 0 ? '; what was in force before stays in force' : ''
  return `${about} is refused, ${all.join('; ')}${instead}`
}

function aboutOf(hook: string | undefined, silence: string | undefined): string {
  if (silence !== undefined) return `Silence "${silence}"`
  return hook === undefined ? 'A document' : `Hook "${hook}"`
}

const circleSentence = ({ hook, problem }: Circle) => `Hook "${hook}" is in force, but ${problem}`
