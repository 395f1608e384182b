import { z } from 'zod'
import { bounded } from '../../../shared/bounded.ts'

/** A place for a delivery among those that its hook has in an hour. `now` in Unix milliseconds. */
export type Asked = { hook: string; delivery: string; most: number; now: number }

/**
 * Takes a place, which a delivery keeps that comes again: undefined when it has one, else when the next will be free
 * (Unix milliseconds).
 */
export type Allowance = (asked: Asked) => Promise<number | undefined>

const hour = 3_600_000
const mostHooks = 1_000

/** A place that was taken; not `sure` as long as Redis has not said whether there was one. */
type Place = { at: number; sure: boolean }

/** In Redis, for all processes; and in this one, for the time that Redis is away. */
export function allowanceOver(run: (script: string, args: string[]) => Promise<unknown>): Allowance {
  const mine = bounded<Map<string, Place>>(mostHooks)

  return async ({ hook, delivery, most, now }) => {
    const taken = mine.get(hook) ?? new Map<string, Place>()
    mine.set(hook, taken)
    for (const [old, { at }] of taken) if (at <= now - hour) taken.delete(old)
    const before = taken.get(delivery)
    // What this process knows of is less than there is: where that is too much already, nobody has to be asked.
    if (!before && taken.size >= most) return freeAt([...taken.values()], most)
    // Others ask in the meantime.
    const place = before ?? { at: now, sure: false }
    taken.set(delivery, place)
    // One that has its place here may not be known there: it was taken while Redis was away.
    const limit = place.sure ? Number.MAX_SAFE_INTEGER : most
    const answer = Answer.safeParse(await run(script, [hook, delivery, String(limit), String(now)]))
    if (answer.data && !place.sure) {
      taken.delete(delivery)
      return answer.data + hour
    }
    place.sure = true
    return undefined
  }
}

/** So many have to be gone that one less than the most is left. */
function freeAt(places: Place[], most: number): number {
  const times = places.map(({ at }) => at).sort((a, b) => a - b)
  return (times[times.length - most] ?? 0) + hour
}

// 0 is a place. Without Redis there is no answer, and then what is known here counts.
const Answer = z.coerce.number().positive()

// Answers 0, or when the place was taken that is to be free before there is one.
const script = `
local hook, delivery, most, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = 'ops-events:starts:' .. hook
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - ${hour}))
if redis.call('ZSCORE', key, delivery) then return '0' end
local taken = redis.call('ZCARD', key)
if taken >= most then return redis.call('ZRANGE', key, taken - most, taken - most, 'WITHSCORES')[2] end
redis.call('ZADD', key, string.format('%.0f', now), delivery)
redis.call('PEXPIRE', key, ${hour})
return '0'
`
