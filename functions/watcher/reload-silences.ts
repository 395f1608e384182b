import { hash } from 'node:crypto'
import type { Log } from '../../shared/log.ts'
import type { Silence } from '../../shared/silence.ts'
import type { Found, Resource } from './documents.ts'
import type { Report } from './report.ts'
import { type PlacedSilence, type Silences, silencesIn } from './silences.ts'
import { type From, sourcesOf } from './sources.ts'

/** Silences, and what they are told from others by. */
export type SilenceSet = { revision: string; silences: Silence[] }

export type SilencesWorld = {
  from: From
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
  let tell: (silences: Silences) => void = () => {}
  const sources = sourcesOf({
    ...{ from: world.from, what: 'silences', take, log: world.log },
    before: async (): Promise<PlacedSilence[]> =>
      (await world.before()).map(silence => ({ file: '', silence })),
  })

  function take(found: Found[], before: PlacedSilence[]): PlacedSilence[] {
    const taken = silencesIn(found, before)
    const silences = taken.placed.map(({ silence }) => silence)
    world.report({ refused: taken.refused })
    world.counted({ ready: silences.length, refused: taken.refused.length })
    world.keep({ revision: hash('sha256', JSON.stringify(silences)).slice(0, 16), silences })
    tell(taken)
    return taken.placed
  }

  return {
    folder: sources.folder,
    cluster(resources, told) {
      tell = told
      sources.cluster(resources)
    },
  }
}
