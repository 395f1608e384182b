/** The clocks of a zone are changed at `at`, in Unix ms; `before` and `after` are ms ahead of UTC. */
export type ClockChange = { at: number; before: number; after: number }

export type Zone = {
  /** Ms ahead of UTC. */
  offset(at: number): number
  /** Those behind `from` and at or before `to`, in order. */
  changes(from: number, to: number): ClockChange[]
}

const day = 86_400_000
const zones = new Map<string, Zone>()

/** A time zone by its IANA name. @throws RangeError when there is none of that name */
export function zoneOf(name: string): Zone {
  const zone = zones.get(name) ?? openZone(name)
  zones.set(name, zone)
  return zone
}

function openZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  const years = new Map<number, ClockChange[]>()

  /** `GMT`, `GMT+02:00`, `GMT-00:44:30` */
  function offset(at: number): number {
    const written = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = 0, minutes = 0, seconds = 0] =
      /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(written) ?? []
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
    return sign === '-' ? -size : size
  }

  // No zone has ever changed its clocks twice within a day.
  function changesIn(year: number): ClockChange[] {
    const found: ClockChange[] = []
    const end = Date.UTC(year + 1)
    let before = offset(Date.UTC(year))
    for (let from = Date.UTC(year); from < end; from += day) {
      const after = offset(from + day)
      if (after !== before) found.push({ at: bisected(from, from + day, before), before, after })
      before = after
    }
    return found
  }

  /** The first second with another offset than `before`, which `low` has and `high` has not. */
  function bisected(low: number, high: number, before: number): number {
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000
      if (offset(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  return {
    offset,
    changes(from, to) {
      const found: ClockChange[] = []
      for (let year = new Date(from).getUTCFullYear(); Date.UTC(year) <= to; year++) {
        const known = years.get(year) ?? changesIn(year)
        years.set(year, known)
        found.push(...known.filter(({ at }) => at > from && at <= to))
      }
      return found
    },
  }
}
