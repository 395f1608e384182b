import { fits, type Rule } from './classify/rule.ts'
import { foundIn } from './classify/tables.ts'
import type { OpsEvent } from './event.ts'
import { ofNumber, ofWord, type Severity, saidSeverity, severityNumber } from './severity.ts'

/** What an event is about and how bad it is, and by which rule that was found: `reason Pod/BackOff`, `type Warning`. */
export type Classified = { category: string; severity: Severity; because: string }

/** Total and pure: every event has a class, whatever is in it. */
export type Classify = (event: OpsEvent) => Classified

/**
 * What the event says of itself goes first, then the first rule that fits, as far as it says; then what its reason,
 * message, kind and type mean. `rules` are asked for anew with each event, since they may change.
 */
export const classifierOf = (rules: () => readonly Rule[] = () => []): Classify => {
  return event => {
    const own = isCategory(event.category) ? event.category : undefined
    const said = saidSeverity(event)
    const rule = rules().find(one => fits(one, event))
    if (!own && !said && !rule) return foundIn(event)
    const category = own ?? rule?.category
    const severity = said?.severity ?? rule?.severity
    const rest = category && severity ? undefined : foundIn(event)
    const because = [own && 'its own category', said && `its own ${said.where}`, rule?.name, rest?.because]
    return {
      category: category ?? rest?.category ?? 'other',
      severity: severity ?? rest?.severity ?? 'info',
      because: because.filter(part => part !== undefined).join(', '),
    }
  }
}

/** By the tables alone, without anybody's rules. */
export const classify: Classify = classifierOf()

/** How bad an event is: what it says of itself, else what the tables know. */
export const severityOf = (event: OpsEvent): Severity =>
  saidSeverity(event)?.severity ?? foundIn(event).severity

/** The extensions of an event that say its class: what it says of itself stays where it is well-formed. */
export function classOf(
  event: OpsEvent,
  by: Classify = classify,
): { category: string; severitytext: string; severitynumber: number } {
  const { category, severity } = by(event)
  const { severitytext, severitynumber } = event
  return {
    category,
    severitytext: ofWord(severitytext) === severity ? String(severitytext) : severity,
    severitynumber: ofNumber(severitynumber) === severity ? Number(severitynumber) : severityNumber[severity],
  }
}

/** An event with the extensions that say its class: `category`, `severitytext` and `severitynumber`. */
export const classified = <E extends OpsEvent>(event: E, by: Classify = classify): E => ({
  ...event,
  ...classOf(event, by),
})

/** What a category may be called: `scheduling`, `our-billing`. */
export const isCategory = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z][a-z0-9-]{0,39}$/.test(value)
