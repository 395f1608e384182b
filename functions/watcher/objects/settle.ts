import type { Applying, Kept, Snapshot } from '../../../shared/adapters/objects/applying.ts'
import { type Refusal, refusalOf } from '../refusal.ts'
import { decide, isFromFolder } from './decide.ts'
import { objectKinds, runsOnce } from './kinds.ts'
import type { FolderObjects, Wanted } from './wanted.ts'

/** What became of the objects of the folder. They are called `TaskRun ops/a`. */
export type Settled = {
  made: string[]
  changed: string[]
  removed: string[]
  /** Ran once with just this content, and are gone or another one since. */
  ran: string[]
  /** Somebody else has made another one of the name. */
  taken: Refusal[]
}

/** So many are written at once, and so often it is tried again where somebody else was faster. */
const atOnce = 32
const mostTurns = 5

/**
 * Has the objects as the folder wants them, and takes away those that it no longer speaks of; what others made is left
 * alone. Twice is once, and so is two at a time.
 * @throws Error where some could not be written; the others were
 */
export async function settle(folder: FolderObjects, applying: Applying): Promise<Settled> {
  const settled: Settled = { made: [], changed: [], removed: [], ran: [], taken: [] }
  const failures: unknown[] = []
  let overtaken = true

  for (let turn = 1; overtaken && turn <= mostTurns; turn++) {
    overtaken = false
    settled.taken = []
    settled.ran = []
    await turnOver(await applying.all())
  }
  await applying.sweep()
  if (failures.length > 0) throw failures[0]
  for (const names of [settled.made, settled.changed, settled.removed, settled.ran]) names.sort()
  return settled

  async function turnOver(snapshot: Snapshot): Promise<void> {
    const there = new Map(snapshot.objects.map(one => [nameOf(one.whole), one]))
    for (const kind of objectKinds) {
      const wanted = folder.wanted.filter(({ object }) => object.kind === kind)
      await eachOf(wanted, one => settleOne(one, there.get(nameOf(one.object)), snapshot))
    }
    const gone = snapshot.objects.filter(one => isFromFolder(one) && !folder.speaksOf(one))
    await eachOf(gone, async one => {
      await rememberOf(one, snapshot)
      await discard(one)
    })
  }

  async function settleOne(wanted: Wanted, kept: Kept | undefined, snapshot: Snapshot): Promise<void> {
    const { object, uid, once } = wanted
    const hasRun = once && snapshot.ran(object).includes(uid)
    const decision = decide(wanted, kept)
    switch (decision.do) {
      case 'nothing':
        if (decision.because === 'taken') settled.taken.push(takenByOther(wanted))
        else if (kept) await rememberOf(kept, snapshot)
        return
      case 'change':
        if (kept) tell(await applying.change(object, kept), settled.changed)
        return
      case 'make':
      case 'replace':
        // A twin may have made it since, and it may have run and gone.
        if (hasRun || (once && (await applying.ran(object)).includes(uid))) {
          settled.ran.push(nameOf(object))
          if (kept && !runsOnce(kept.whole)) await discard(kept)
          return
        }
        if (kept) await rememberOf(kept, snapshot)
        if (tell(await applying.make(object, uid, kept), settled.made) && once)
          await applying.remember(object, uid)
    }

    function tell(done: boolean, where: string[]): boolean {
      if (done) where.push(nameOf(object))
      else overtaken = true
      return done
    }
  }

  async function discard(one: Kept): Promise<void> {
    await applying.discard(one)
    settled.removed.push(nameOf(one.whole))
  }

  /** Remembers that it ran, before it goes at the latest: whoever made it may have died before it could. */
  async function rememberOf({ whole }: Kept, snapshot: Snapshot): Promise<void> {
    const { uid } = whole.metadata
    if (runsOnce(whole) && !snapshot.ran(whole).includes(uid)) await applying.remember(whole, uid)
  }

  async function eachOf<T>(all: T[], act: (one: T) => Promise<void>): Promise<void> {
    // Where the bus is away there is no use in going through thousands.
    for (let at = 0; at < all.length && failures.length < atOnce; at += atOnce)
      for (const one of await Promise.allSettled(all.slice(at, at + atOnce).map(act)))
        if (one.status === 'rejected') failures.push(one.reason)
  }
}

const nameOf = ({ kind, metadata }: { kind: string; metadata: { namespace: string; name: string } }) =>
  `${kind} ${metadata.namespace}/${metadata.name}`

const takenByOther = ({ object: { kind, metadata }, resource }: Wanted): Refusal =>
  refusalOf(resource, {
    of: kind,
    id: `${metadata.namespace}/${metadata.name}`,
    problems: [
      {
        path: ['metadata', 'name'],
        problem: 'it is taken: one of this name was made by a hook, a schedule or the API',
      },
    ],
  })
