import type { OpsEvent } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import type { Silence } from '../../shared/silence.ts'
import { reasonOf } from './request.ts'

/** That a silence kept a hook from telling of an event. */
export type Note = {
  silence: string
  time: string
  subject: string
  id: string
  hook: string
  reason: string
}

export const noteOf = ({ id }: Silence, hook: CompiledHook, event: OpsEvent, now: Date): Note => ({
  silence: id,
  time: now.toISOString(),
  subject: event.subject ?? '',
  id: event.id,
  hook: hook.id,
  reason: reasonOf(event),
})

const kept = { most: 100, milliseconds: 7 * 24 * 3_600_000 }

// The latest of each silence as a list, and beside it how many there were. An event that comes again after a crash is
// there twice: the sums that balance are those of the tallies.
const script = `
for _, note in ipairs(cjson.decode(ARGV[1])) do
  local key = 'ops-events:silenced:' .. note.silence
  redis.call('LPUSH', key, note.text)
  redis.call('LTRIM', key, 0, ${kept.most - 1})
  redis.call('INCR', key .. ':count')
  for _, each in ipairs({ key, key .. ':count' }) do redis.call('PEXPIRE', each, ${kept.milliseconds}) end
end
return 1
`

/** Keeps the last hundred of each silence for a week, for people to look at. */
export const silencedIn =
  (run: (script: string, args: string[]) => Promise<unknown>) =>
  async (notes: Note[]): Promise<void> => {
    const rows = notes.map(({ silence, ...note }) => ({ silence, text: JSON.stringify(note) }))
    await run(script, [JSON.stringify(rows)])
  }
