import { hash } from 'node:crypto'
import { type Log, messageOf } from '../../shared/log.ts'
import type { Silence } from '../../shared/silence.ts'
import type { Found, Resource } from './documents.ts'
import type { Report } from './report.ts'
import { type PlacedSilence, type Silences, silencesIn } from './silences.ts'

/** Silences, and what they are told from others by. */
export type SilenceSet = { revision: string; silences: Silence[] }

export type SilencesWorld = {
  /** Where silences come from: none is put or taken away before all of it is there. */
  from: { folder: boolean; cluster: boolean }
  /** Those of resources when this process starts: one that is refused now stays as it was. */
  before(): Promise<Silence[]>
  report(report: Report): void
  counted(silences: { ready: number; refused: number }): void
  keep(set: SilenceSet): void
  log: Log
}

export type SilencesReload = {
  folder(found: Found[]): void
  /** `told` is told what became of them, now and whenever it is decided anew. */
  cluster(resources: Resource[], told: (silences: Silences) => void): void
}

/** Takes in the silences of the folder and of the cluster each time one of them changes. */
export function silenceReloader(world: SilencesWorld): SilencesReload {
  let inFolder: Found[] | undefined = world.from.folder ? undefined : []
  let inCluster: Resource[] | undefined = world.from.cluster ? undefined : []
  let tell: (silences: Silences) => void = () => {}
  let placed: PlacedSilence[] | undefined

  const begun = world.before().then(
    silences => silences.map(silence => ({ file: '', silence })),
    error => {
      world.log.warn({ err: messageOf(error) }, 'Cannot read the silences that there are')
      return []
    },
  )
  void begun.then(before => {
    placed = before
    turn()
  })

  function turn(): void {
    if (!inFolder || !inCluster || !placed) return
    const taken = silencesIn([...inCluster, ...inFolder], placed)
    placed = taken.placed
    const silences = placed.map(({ silence }) => silence)
    world.report({ refused: taken.refused })
    world.counted({ ready: silences.length, refused: taken.refused.length })
    world.keep({ revision: hash('sha256', JSON.stringify(silences)).slice(0, 16), silences })
    tell(taken)
  }

  return {
    folder(found) {
      inFolder = found
      turn()
    },
    cluster(resources, told) {
      inCluster = resources
      tell = told
      turn()
    },
  }
}
