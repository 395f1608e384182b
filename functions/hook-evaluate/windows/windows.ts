/** An event at a hook that counts, dedups or has a limit; what a hook does not ask for is absent. Times in Unix ms. */
export type Request = {
  /** The same for the same event, however often it comes. */
  event: string
  /** `namespace/name` */
  hook: string
  /** Fires when so many came to the group within the window. */
  threshold?: { group: string; count: number; window: number; weight: number }
  /** Only the first of the key within the window goes. `text`: the event, kept as the last one that was held. */
  dedup?: { key: string; window: number; text: string }
  /** Above so many a minute they are only counted, by reason and with the first names. */
  storm?: { limit: number; reason: string; name: string }
}

/** A dedup window by its key, or a minute of a hook's storm by the hook's id; `start` in Unix ms. */
export type Window = { kind: 'dedup' | 'storm'; key: string; start: number }

/** What becomes of it. The same again when the same event comes again. */
export type Verdict =
  /** It goes out, and tells how many were `held` before it, and since when. */
  | { kind: 'goes'; held: number; since?: number }
  | { kind: 'threshold' }
  /** Held by a window; `scheduled`: there is a message already by which its end will be told. */
  | { kind: 'held'; window: Window; scheduled: boolean }

/** What has been done, which windows have to know. */
export type Deed =
  /** What a verdict let go is out: what comes after it is a repeat. */
  | { kind: 'went'; event: string; key: string }
  /** It cannot go out, ever: the next one is the first. */
  | { kind: 'freed'; event: string; hook: string; key: string }
  /** What the key stands for is over: when it comes again it is news. */
  | { kind: 'over'; key: string }
  | { kind: 'scheduled'; window: Window }
  /** `by` names the event that brought its end. */
  | { kind: 'told'; window: Window; by: string }

/** What a window held back until its end; `forgotten`: nobody knows any more; `told`: it has been, or will be, by another. */
export type End =
  | {
      kind: 'held'
      count: number
      since: number
      last?: string
      reasons: Record<string, number>
      names: string[]
    }
  | { kind: 'told' | 'forgotten' }

/**
 * The memory of noise control. Events are decided one after the other in the order given. Whoever is the first of a
 * key owns its window, and he alone may go: he surely comes again when he fails. An owner of whom nobody heard that he
 * went within a minute loses it to the next.
 */
export type Windows = {
  judge(requests: Request[], now: number): Promise<Verdict[]>
  settle(deeds: Deed[], now: number): Promise<unknown>
  /** What it held, at its end: from now on it is over. Who told it before is told the same again. */
  end(window: Window, by: string): Promise<End>
}

/** What both memories of windows agree on. */
export const terms = {
  minute: 60_000,
  /** An owner that nobody heard of for so long has lost its claim. */
  claim: 60_000,
  /** For how long after its end a window can still be asked for. */
  late: 3_600_000,
  /** How long verdicts are kept, at least, and how many held ones of a hook. What goes is kept up to five times as many. */
  verdicts: 3_600_000,
  mostVerdicts: 10_000,
  /** A sliding window moves by a sixtieth of its length. */
  slots: 60,
  mostReasons: 50,
  mostNames: 10,
} as const
