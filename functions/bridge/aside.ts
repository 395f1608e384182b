import { type Message, PublishError } from '../../shared/adapters/publisher.ts'
import { messageOf } from '../../shared/log.ts'
import { smallerDeadLetter } from './deadletter.ts'
import type { Item } from './item.ts'

const again = 1_000

/**
 * Tries until its stream holds the message, as long as it `goesOn`: only then may the original be acknowledged.
 * `impossible`: an event too large to wait elsewhere with its story. `full`: no room is left there, and `waits` is
 * false; a dead letter always waits.
 */
export async function putAside(
  message: Message,
  item: Item,
  world: {
    publish(message: Message): Promise<unknown>
    goesOn(): boolean
    waits: boolean
    failed(problem: { subject: string; err: string }): void
  },
): Promise<'held' | 'stopped' | 'impossible' | 'full'> {
  const isDeadLetter = message.subject.startsWith('deadletters.')
  let aside = message
  do {
    try {
      await world.publish(aside)
      return 'held'
    } catch (error) {
      world.failed({ subject: aside.subject, err: messageOf(error) })
      const kind = error instanceof PublishError ? error.kind : undefined
      if (kind === 'full' && !world.waits && !isDeadLetter) return 'full'
      if (kind === 'refused') {
        if (!isDeadLetter) return 'impossible'
        aside = smallerDeadLetter(aside, item)
      }
      await new Promise(resolve => setTimeout(resolve, again))
    }
  } while (world.goesOn())
  return 'stopped'
}
