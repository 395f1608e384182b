import { setMaxListeners } from 'node:events'
import type { Stored } from '../../../shared/objects.ts'
import type { PlaceReport, Report, Work } from '../executor.ts'
import { longest, pastDeadline, stopped } from './cut.ts'
import { turns } from './turns.ts'

/** Ended runs whose report is still there for who asks again. */
const remembered = 64

/** Runs that this process runs itself, some at once. */
export type HeldRuns = {
  /** Resolves when the run has ended, of which there is one however often it is asked for. */
  start(work: Work, run: (signal: AbortSignal) => Promise<PlaceReport[]>): Promise<Report>
  /** How a run stands that this process runs or has run; undefined where it does not. */
  look(run: Stored<'TaskRun'>): Report | undefined
  /** Resolves when it has ended; false where this process does not run it. */
  stop(run: Stored<'TaskRun'>, why: string): Promise<boolean>
}

/** Keeps the runs of this process, at most `most` of which go on at once; the others wait, until their deadline. */
export function heldRuns({ most, now }: { most: number; now(): Date }): HeldRuns {
  const running = new Map<string, { ended: Promise<Report>; cut: AbortController }>()
  const over = new Map<string, Report>()
  const turn = turns(most)

  async function through(
    work: Work,
    cut: AbortController,
    run: (signal: AbortSignal) => Promise<PlaceReport[]>,
  ): Promise<Report> {
    const late = setTimeout(() => cut.abort(pastDeadline), longest(work.deadline.getTime() - now().getTime()))
    const leave = await turn(cut.signal)
    try {
      const report: Report = { state: 'ended', places: await run(cut.signal) }
      remember(work.run.metadata.uid, report)
      return report
    } finally {
      clearTimeout(late)
      leave()
      running.delete(work.run.metadata.uid)
    }
  }

  function remember(uid: string, report: Report) {
    over.set(uid, report)
    const [oldest] = over.keys()
    if (over.size > remembered && oldest !== undefined) over.delete(oldest)
  }

  return {
    async start(work, run) {
      const { uid } = work.run.metadata
      const known = over.get(uid) ?? running.get(uid)?.ended
      if (known) return known
      const cut = new AbortController()
      // Every place may listen.
      setMaxListeners(0, cut.signal)
      const ended = through(work, cut, run)
      running.set(uid, { ended, cut })
      return ended
    },
    look: ({ metadata: { uid } }) => (running.has(uid) ? { state: 'running' } : over.get(uid)),
    async stop({ metadata: { uid } }, why) {
      const held = running.get(uid)
      if (!held) return false
      held.cut.abort(stopped(why))
      // How it went is told to who started it.
      await held.ended.catch(() => {})
      return true
    },
  }
}
