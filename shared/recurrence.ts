import { Cron } from 'croner'
import { isTimeZone } from './time-zone.ts'

/** Times that come again by the clock of a time zone; all in Unix ms. */
export type Recurrence = {
  /** The last one at or before `now`; undefined where there was none. */
  last(now: number): number | undefined
  /** The first one behind `now`; undefined where there will be none. */
  next(now: number): number | undefined
}

/**
 * Reads five fields of cron. Where clocks are put forward a time of day that is left out is the first one behind the
 * gap, and where they are put back one that comes twice counts once.
 * @throws RangeError saying what is wrong
 */
export function recurrenceOf(cron: string, timeZone: string): Recurrence {
  // The parser takes dates, names such as @daily and seconds too.
  if (!/^\s*[^\s@]+(\s+\S+){4}\s*$/.test(cron))
    throw new RangeError('it has to have five fields, such as "0 22 * * 6"')
  if (!isTimeZone(timeZone))
    throw new RangeError(`there is no time zone "${timeZone}": UTC is one, and Asia/Shanghai`)
  const pattern = parsed(cron, timeZone)
  return {
    // What is asked for is strictly before the reference.
    last: now => pattern.previousRuns(1, new Date(now + 1))[0]?.getTime(),
    next: now => pattern.nextRun(new Date(now))?.getTime(),
  }
}

function parsed(cron: string, timezone: string): Cron {
  try {
    return new Cron(cron, { mode: '5-part', timezone, paused: true })
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
    throw new RangeError(`it is "${cron}", which is no cron: ${said}`, { cause: error })
  }
}
