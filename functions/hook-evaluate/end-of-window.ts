import type { Message } from '../../shared/adapters/publisher.ts'
import { done, drop, type Outcome } from '../../shared/outcome.ts'
import type { Case, Fate, Pending, Silenced } from './cases.ts'
import { noticeOf } from './notice.ts'
import type { Rules } from './rules.ts'
import { endMessage, windowEndOf } from './window-end.ts'
import type { Windows } from './windows/windows.ts'

// Clocks differ: what is less than this ahead of its time is not sent to wait again.
const early = 1_000

/** What becomes of the message about a window's end: a notice, when there is one to give. */
export async function endOfWindow(
  pending: Pending,
  { byId }: Rules,
  silenced: Silenced | undefined,
  world: { windows: Windows; publish(message: Message): Promise<unknown>; now(): Date },
): Promise<{ cases: Case[] } | { outcome: Outcome }> {
  const end = windowEndOf(pending.event)
  if (!end) return { outcome: drop('It says that a window ends, and not which') }
  const hook = byId.get(end.hook)
  if (!hook || hook.suspend) return { outcome: done }
  const now = world.now().getTime()
  if (end.until - now > early) {
    await world.publish(endMessage(end, now))
    return { outcome: done }
  }
  const notice = noticeOf(end, await world.windows.end(end.window, pending.key))
  if (!notice) return { outcome: done }
  const { event, extra } = notice
  const silence = silenced?.(event, hook.id)
  const fate: Fate = silence ? { kind: 'silenced', silence } : { kind: 'told', window: end.window, extra }
  return { cases: [{ hook, event, key: pending.key, counts: 'notices', fate }] }
}
