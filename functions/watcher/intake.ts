import { z } from 'zod'
import type { Applying } from '../../shared/adapters/objects/applying.ts'
import { integer } from '../../shared/config.ts'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import type { Log } from '../../shared/log.ts'
import type { Silence } from '../../shared/silence.ts'
import { inForceBefore } from './before.ts'
import { clusterOf } from './events/variables.ts'
import { isFolder } from './files.ts'
import { watchFolder } from './folder.ts'
import { keeper } from './keep.ts'
import type { Metrics } from './metrics.ts'
import { objectsLeaver } from './objects/leave.ts'
import { objectsTaker } from './objects/take.ts'
import { type Reload, reloader } from './reload.ts'
import { type SilenceSet, type SilencesReload, silenceReloader } from './reload-silences.ts'
import { reporter } from './report.ts'
import { sealingWith } from './sealing.ts'
import { type SecretsWorld, secretKeeper } from './secrets.ts'
import { openTemplateCheck } from './template.ts'

const folder = z.string().refine(isFolder, 'there is no such folder')

/** The variables that say where hooks and silences come from, and what is secret in them. */
export const intakeVariables = {
  RESOURCES_DIR: folder.optional(),
  SECRETS_DIR: folder.optional(),
  SECRETS_SECONDS: integer(1, 86_400).default(60),
}

export type IntakeWorld = {
  env: Parameters<typeof clusterOf>[0] & {
    RESOURCES_DIR?: string | undefined
    SECRETS_SECONDS: number
    HOOK_SEAL_KEY: string
  }
  hooks: {
    put(set: HookSet): Promise<void>
    before(): Promise<CompiledHook[]>
    revisionOf(hooks: CompiledHook[]): string
    first(): void
  }
  silences: { put(set: SilenceSet): Promise<void>; before(): Promise<Silence[]> }
  /** Where the folder's objects lie; none where there is a cluster that they lie in. */
  objects?: Applying | undefined
  readSecret: SecretsWorld['read']
  prepare(): Promise<void>
  metrics: Metrics
  log: Log
}

export type Intake = {
  hooks: Reload['cluster']
  silences: SilencesReload['cluster']
  /** Are the hooks in force, and the folder's objects in their places? */
  ready(): boolean
  stop(): void
}

/**
 * Takes in what the folder holds, and the hooks and silences of the cluster that it is handed, and keeps them in force.
 */
export function takeIn(world: IntakeWorld): Intake {
  const { env, hooks, silences, readSecret, prepare, metrics, log } = world
  const from = { folder: env.RESOURCES_DIR !== undefined, cluster: clusterOf(env) !== undefined }
  const kept = keeper({ ...metrics, prepare, put: hooks.put, first: hooks.first, log })
  const keptSilences = keeper<SilenceSet>(
    { prepare, put: silences.put, first() {}, renewed() {}, failed: metrics.failed, log },
    { every: 30_000, what: 'Silences' },
  )
  const silencing = silenceReloader({
    ...{ from, report: reporter(log), counted: metrics.silences, keep: keptSilences.keep, log },
    before: () => inForceBefore({ prepare, current: silences.before, log }),
  })
  const objects = world.objects
    ? objectsTaker({
        ...{ applying: world.objects, prepare, counted: metrics.objects, failed: metrics.failed, log },
      })
    : objectsLeaver(log)
  const reload = reloader({
    ...{ ...metrics, from, report: reporter(log), revisionOf: hooks.revisionOf, keep: kept.keep, log },
    sealing: sealingWith(env.HOOK_SEAL_KEY),
    secrets: changed =>
      secretKeeper(
        { read: readSecret, changed, wall: () => Date.now(), log },
        { every: env.SECRETS_SECONDS * 1_000 },
      ),
    templates: openTemplateCheck,
    before: () => inForceBefore({ prepare, current: hooks.before, log }),
    found(found) {
      silencing.folder(found)
      objects.folder(found)
    },
  })
  const watching =
    env.RESOURCES_DIR === undefined ? undefined : watchFolder(env.RESOURCES_DIR, reload.files, { log })
  return {
    hooks: reload.cluster,
    silences: silencing.cluster,
    ready: () => kept.ready() && objects.ready(),
    stop() {
      for (const part of [watching, reload, kept, keptSilences, objects]) part?.stop()
    },
  }
}
