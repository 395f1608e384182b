import type { PlaceReport } from '../executor.ts'
import { masked, masksOf } from '../script/output-mask.ts'

/** A report whose messages show no secret: a script may leave any text as the last word of its container. */
export function hidden(report: PlaceReport, secrets: string[]): PlaceReport {
  const masks = masksOf(secrets)
  return {
    ...withHidden(report, masks),
    steps: report.steps.map(step => withHidden(step, masks)),
  }
}

function withHidden<T extends { message?: string }>(told: T, masks: string[]): T {
  if (told.message === undefined) return told
  let message = ''
  const mask = masked(masks, text => {
    message += text
  })
  mask.push(told.message)
  mask.end()
  return { ...told, message }
}
