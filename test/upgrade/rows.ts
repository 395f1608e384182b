import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** In milliseconds: a batch that event-store handed back waits for its next try. */
const patience = 30_000

/**
 * Waits until each accepted event is one row, and each that a hook converted is another; says what is not so when the
 * time is up.
 */
export async function rowsOf(
  url: string,
  posted: { matches: boolean; accepted: boolean }[],
): Promise<string[]> {
  const accepted = posted.filter(event => event.accepted)
  const expected = { events: accepted.length, alerts: accepted.filter(({ matches }) => matches).length }
  const client = new pg.Client(url)
  await client.connect()
  try {
    const end = performance.now() + patience
    for (;;) {
      const { rows } = await client.query(
        "select observation, count(*)::int as rows from events where resource = 'nodes' group by 1",
      )
      const stored = new Map(rows.map(({ observation, rows: count }) => [observation, count]))
      const wrong = Object.entries(expected).filter(([name, count]) => stored.get(name) !== count)
      if (wrong.length === 0 || performance.now() > end)
        return wrong.map(([name, count]) => `${name}: ${stored.get(name)} rows, not ${count}`)
      await pause(500)
    }
  } finally {
    await client.end()
  }
}
