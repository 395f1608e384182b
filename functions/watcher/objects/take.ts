import { hash } from 'node:crypto'
import type { Applying } from '../../../shared/adapters/objects/applying.ts'
import type { Log } from '../../../shared/log.ts'
import type { Found } from '../documents.ts'
import { keeper } from '../keep.ts'
import { reporter } from '../report.ts'
import { type Settled, settle } from './settle.ts'
import { type FolderObjects, objectsIn } from './wanted.ts'

/** Takes in the objects of a folder. */
export type ObjectsTaker = {
  folder(found: Found[]): void
  /** Are they in their places, these or some before? */
  ready(): boolean
  stop(): void
}

export type TakerWorld = {
  applying: Applying
  prepare(): Promise<void>
  counted(objects: { ready: number; refused: number }): void
  failed(): void
  log: Log
}

/** What is lost of them, or was left behind, is seen to this often. */
const every = 30_000

/** Has the objects in KV as the folder wants them, from its first change on. */
export function objectsTaker({ applying, prepare, counted, failed, log }: TakerWorld): ObjectsTaker {
  const report = reporter(log)
  const reportTaken = reporter(log)
  let told = new Set<string>()

  const kept = keeper<FolderObjects & { revision: string }>(
    {
      ...{ prepare, failed, log },
      first() {},
      renewed() {},
      async put(folder) {
        tell(await settle(folder, applying), folder)
      },
    },
    { every, what: 'Objects' },
  )

  function tell({ made, changed, removed, ran, taken }: Settled, { wanted, refused }: FolderObjects): void {
    reportTaken({ refused: taken })
    counted({ ready: wanted.length - taken.length, refused: refused.length + taken.length })
    if (made.length + changed.length + removed.length > 0)
      log.info(cut({ made, changed, removed }), 'Objects of the folder taken in')
    for (const object of ran)
      if (!told.has(object)) log.info({ object }, 'It has run with this content: change it to run it again')
    told = new Set(ran)
  }

  return {
    folder(found) {
      const folder = objectsIn(found)
      report({ refused: folder.refused })
      const uids = folder.wanted.map(({ uid, object }) => [uid, object])
      kept.keep({ ...folder, revision: hash('sha256', JSON.stringify(uids)).slice(0, 16) })
    },
    ready: kept.ready,
    stop: kept.stop,
  }
}

/** Where a folder has thousands, nobody reads all their names. */
const cut = (lists: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries(lists)
      .filter(([, names]) => names.length > 0)
      .map(([what, names]) => [what, names.length > 10 ? `${names.length} objects` : names]),
  )
