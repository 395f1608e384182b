/** Why a run is cut short, and how it stands then. */
export type Cut = { status: 'Failed' | 'Aborted'; why: string }

/** The work's deadline has passed. */
export const pastDeadline: Cut = { status: 'Failed', why: 'the deadline of the run passed' }

/** Somebody wants it ended. */
export const stopped = (why: string): Cut => ({ status: 'Aborted', why })

/** Why this signal says to end; undefined as long as it does not. */
export const cutOf = (signal: AbortSignal): Cut | undefined => (signal.aborted ? signal.reason : undefined)

/** A signal that says so too, or says it when the time is over; `done` when nobody listens any more. */
export function limited(signal: AbortSignal, milliseconds: number): { signal: AbortSignal; done(): void } {
  const limit = new AbortController()
  const end = () => limit.abort()
  const late = setTimeout(end, longest(milliseconds))
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  return {
    signal: limit.signal,
    done() {
      clearTimeout(late)
      signal.removeEventListener('abort', end)
    },
  }
}

/** The milliseconds, or as many as a timer takes: with more it would be over at once. */
export const longest = (milliseconds: number) => Math.min(Math.max(milliseconds, 0), 2 ** 31 - 1)
