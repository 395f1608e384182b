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

/** A text that shows no secret. */
export const hiddenIn = (text: string, secrets: string[]): string => maskedText(text, masksOf(secrets))

const withHidden = <T extends { message?: string }>(told: T, masks: string[]): T =>
  told.message === undefined ? told : { ...told, message: maskedText(told.message, masks) }

function maskedText(text: string, masks: string[]): string {
  let made = ''
  const mask = masked(masks, part => {
    made += part
  })
  mask.push(text)
  mask.end()
  return made
}
