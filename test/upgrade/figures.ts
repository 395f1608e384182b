import { percentile } from '../../infra/bench/stats.ts'

/** While what was replaced, in milliseconds of the clock. */
export type Span = { name: string; from: number; to: number }

/** What an upgrade costs whoever posts, and whoever waits for a delivery. */
export type Figures = {
  /** Posts that were answered by no 200 at first. */
  again: number
  /** From the first post to the receiver, in milliseconds, of the events that were posted in each span. */
  latencies: { name: string; seconds: number; events: number; p50: number; p99: number; most: number }[]
}

/** How long events took that were posted in each span. */
export function figuresOf(
  spans: Span[],
  posted: { n: number; at: number; tries: number }[],
  received: { n: number; hook: string; at: number }[],
): Figures {
  const arrived = new Map(received.filter(({ hook }) => hook === 'direct').map(({ n, at }) => [n, at]))
  const latencies = spans.map(({ name, from, to }) => {
    const took = posted.flatMap(({ n, at }) => {
      const came = arrived.get(n)
      return came === undefined || at < from || at >= to ? [] : [came - at]
    })
    const [p50 = 0, p99 = 0, most = 0] = [0.5, 0.99, 1].map(share => percentile(took, share))
    return { name, seconds: Math.round((to - from) / 100) / 10, events: took.length, p50, p99, most }
  })
  return { again: posted.filter(({ tries }) => tries > 1).length, latencies }
}
