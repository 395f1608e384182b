import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { isObject } from '../../shared/json.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { type Compiled, compile, type Placed } from './compile.ts'
import { documentReader, type Found, type Resource, type SourceFile } from './documents.ts'
import type { Report } from './report.ts'
import type { Sealing } from './sealing.ts'
import type { Secrets } from './secrets.ts'
import type { TemplateCheck } from './template.ts'

export type ReloadWorld = {
  /** Where hooks come from: nothing is compiled before all of it is there, or hooks would go for a moment. */
  from: { folder: boolean; cluster: boolean }
  /** The hooks in force when this process starts: one that is refused now stays as it was. */
  before(): Promise<CompiledHook[]>
  sealing: Sealing
  /** Opens what reads Secrets; it calls back when one of them has changed. */
  secrets(changed: () => void): Secrets
  /** Loads what checks templates, when there is the first one. */
  templates(): Promise<TemplateCheck>
  revisionOf(hooks: CompiledHook[]): string
  report(report: Report): void
  counted(hooks: { ready: number; refused: number }): void
  reloaded(result: 'changed' | 'unchanged'): void
  keep(set: HookSet): void
  /** Takes what else was found in the folder. */
  found?(found: Found[]): void
  log: Log
}

export type Reload = {
  files(files: SourceFile[]): void
  /** `compiled` is told what became of them, now and whenever it is decided anew. */
  cluster(resources: Resource[], compiled: (compiled: Compiled) => void): void
  stop(): void
}

/**
 * Makes a set of hooks of the files and of the cluster each time one of them changes, and hands it on when it is
 * another one than before. Where both have a hook of the same name, the cluster's is taken.
 */
export function reloader(world: ReloadWorld): Reload {
  const read = documentReader()
  let inFolder: Found[] | undefined = world.from.folder ? undefined : []
  let inCluster: Resource[] | undefined = world.from.cluster ? undefined : []
  let tell: (compiled: Compiled) => void = () => {}
  let placed: Placed[] | undefined
  let revision: string | undefined
  let templateProblem: TemplateCheck | undefined
  let loading = false
  const secrets = world.secrets(turn)

  const begun = world.before().then(
    hooks => hooks.map(hook => ({ file: '', hook })),
    error => {
      world.log.warn({ err: messageOf(error) }, 'Cannot read the hooks that are in force')
      return []
    },
  )
  void begun.then(before => {
    placed = before
    turn()
  })

  function turn(): void {
    if (!inFolder || !inCluster || !placed) return
    const found = [...inCluster, ...inFolder]
    if (!templateProblem && found.some(hasTemplate)) return load()
    const compiled = compile(found, placed, {
      sealing: world.sealing,
      secretOf: secrets.of,
      templateProblem: templateProblem ?? (() => undefined),
    })
    placed = compiled.placed
    secrets.want(compiled.wanted)
    const hooks = placed.map(({ hook }) => hook)
    const refused = compiled.refused.length
    const next = world.revisionOf(hooks)
    world.report(compiled)
    world.counted({ ready: hooks.length, refused })
    world.reloaded(next === revision ? 'unchanged' : 'changed')
    if (next !== revision) {
      revision = next
      world.log.info({ hooks: hooks.length, refused, revision }, 'Hooks compiled')
      world.keep({ revision, hooks })
    }
    tell(compiled)
  }

  function load(): void {
    if (loading) return
    loading = true
    const goOn = (check: TemplateCheck) => {
      templateProblem = check
      turn()
    }
    // Hooks without a template have nothing to do with it, so they go on all the same.
    world.templates().then(goOn, error => goOn(() => `it cannot be checked: ${messageOf(error)}`))
  }

  return {
    files(files) {
      inFolder = read(files)
      world.found?.(inFolder)
      turn()
    },
    cluster(resources, compiled) {
      inCluster = resources
      tell = compiled
      turn()
    },
    stop: () => secrets.stop(),
  }
}

const hasTemplate = (one: Found) =>
  'value' in one && isObject(one.value) && isObject(one.value.spec) && one.value.spec.template !== undefined
