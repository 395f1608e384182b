import { type Flaw, flawIf, type Settings } from './settings.ts'

/** What keeps PagerDuty from getting anything. */
export const pagerdutyFlaws = ({ options }: Settings): Flaw[] =>
  flawIf(
    !options.routing_key,
    'routing_key',
    'is missing: the integration key of an Events API v2 integration',
  )
