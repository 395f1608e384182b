import { z } from 'zod'
import { flag, integer } from '../../shared/config.ts'
import { noTargets, targetList } from './targets.ts'

/** What only webhook-deliver is told by its environment. */
export const settings = {
  /** Milliseconds for one receiver's answer. */
  DELIVER_TIMEOUT: integer(100, 600_000).default(15_000),
  ALLOW_LOOPBACK_TARGETS: flag.default(false),
  TARGETS_ALLOW: targetList.default(noTargets),
  TARGETS_DENY: targetList.default(noTargets),
  TARGETS_ONLY: targetList.optional(),
  /** Where people look at an event: a URL with `{id}` or `{subject}`. */
  CONSOLE_URL: z
    .string()
    .refine(
      text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
      'it has to be a URL such as https://console.example.com/events/{id}',
    )
    .optional(),
}
