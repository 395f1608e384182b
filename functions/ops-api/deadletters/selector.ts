import { z } from 'zod'
import type { Cover } from '../../../shared/adapters/browse.ts'
import { deliverySubject } from '../../../shared/delivery.ts'
import { told } from '../../../shared/story.ts'
import { Moment } from '../read.ts'

/** The place of a dead letter in its stream, as text. */
export const LetterId = z
  .string('it has to be the id of a dead letter, such as "17"')
  .regex(/^[1-9]\d{0,14}$/, 'it has to be the id of a dead letter, such as "17"')

/** Some of them: each is read whole. */
export const LetterIds = z.array(LetterId).min(1, 'it is empty').max(100, 'it has more than 100')

const hookProblem = 'it has to be namespace/name'

/** By what dead letters are chosen; each that is given has to hold. */
export const selectors = {
  hook: z
    .string(hookProblem)
    .regex(/^[^/\s]{1,253}\/[^/\s]{1,253}$/, hookProblem)
    .optional(),
  trigger: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'it has to be the name of a trigger, such as webhook-deliver')
    .optional(),
  reason: z.string().min(1, 'it is empty').max(1024).optional(),
  start_time: Moment.optional(),
  end_time: Moment.optional(),
}
const Selector = z.object(selectors)
export type Selector = z.output<typeof Selector>

/** The subjects that letters so chosen have at most: the server passes over all others. */
export function patternOf({ trigger = '*', hook }: Selector): string {
  return hook
    ? `deadletters.${trigger}.${subjectOfHook(hook).slice('deliveries.'.length)}`
    : `deadletters.${trigger}.>`
}

function subjectOfHook(hook: string): string {
  const [namespace = '', name = ''] = hook.split('/')
  return deliverySubject({ namespace, name })
}

/** Is one on such a subject among the chosen, as far as its headers tell? */
export function isChosen({ hook, reason }: Selector, { headers }: Cover): boolean {
  if (hook && headers?.get(told.subject) !== subjectOfHook(hook)) return false
  return !reason || (headers?.get(told.reason) ?? '').toLowerCase().includes(reason.toLowerCase())
}

/** May two hooks have the subject of this one? Then only the event tells whose it is. */
export const isAmbiguous = (hook: string | undefined): boolean =>
  hook !== undefined && subjectOfHook(hook).includes('_')
