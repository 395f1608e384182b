import { headers } from '@nats-io/transport-node'
import { type Item, itemOf } from '../../../functions/bridge/item.ts'
import type { Pulled } from '../../../shared/adapters/pull.ts'

/** A message as it comes off the bus, whose answers are written down in `said`. */
export function pulledOf(
  about: Partial<Omit<Pulled, 'headers' | 'payload'>> & {
    headers?: Record<string, string>
    text?: string
  } = {},
): Pulled & { said: string[] } {
  const said: string[] = []
  const { headers: given, text = '{}', ...rest } = about
  const head = headers()
  for (const [name, value] of Object.entries(given ?? {})) head.set(name, value)
  return {
    ...{ stream: 'ops', subject: 'ops.a.b.events', seq: 1, stored: 1_000, deliveries: 1, order: 1 },
    ...rest,
    headers: given && head,
    payload: Buffer.from(text),
    said,
    ack: () => void said.push('ack'),
    nak: delay => void said.push(delay === undefined ? 'nak' : `nak ${Math.round(delay)}`),
    working: () => void said.push('working'),
  }
}

/** The same as an item of a trigger. */
export const item = (
  about: Parameters<typeof pulledOf>[0] = {},
  how: Partial<Parameters<typeof itemOf>[1]> = {},
): Item =>
  itemOf(pulledOf(about), { ordered: false, groupBy: 'none', batch: 10, ...how }, { wall: 5_000, now: 0 })
