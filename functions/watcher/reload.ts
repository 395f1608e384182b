import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { isObject } from '../../shared/json.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { type Compiled, compile, type Placed } from './compile.ts'
import { documentReader, type Found, type Resource, type SourceFile } from './documents.ts'
import type { Report } from './report.ts'
import type { Sealing } from './sealing.ts'
import type { Secrets } from './secrets.ts'
import { type From, sourcesOf } from './sources.ts'
import type { TemplateCheck } from './template.ts'

export type ReloadWorld = {
  from: From
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
  let tell: (compiled: Compiled) => void = () => {}
  let revision: string | undefined
  let templateProblem: TemplateCheck | undefined
  let loading = false
  const sources = sourcesOf({
    ...{ from: world.from, what: 'hooks', take, log: world.log },
    before: async (): Promise<Placed[]> => (await world.before()).map(hook => ({ file: '', hook })),
  })
  const secrets = world.secrets(sources.again)

  function take(found: Found[], before: Placed[]): Placed[] | undefined {
    if (!templateProblem && found.some(hasTemplate)) return load()
    const compiled = compile(found, before, {
      sealing: world.sealing,
      secretOf: secrets.of,
      templateProblem: templateProblem ?? (() => undefined),
    })
    secrets.want(compiled.wanted)
    const hooks = compiled.placed.map(({ hook }) => hook)
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
    return compiled.placed
  }

  function load(): undefined {
    if (loading) return
    loading = true
    const goOn = (check: TemplateCheck) => {
      templateProblem = check
      sources.again()
    }
    // Hooks without a template have nothing to do with it, so they go on all the same.
    world.templates().then(goOn, error => goOn(() => `it cannot be checked: ${messageOf(error)}`))
  }

  return {
    files(files) {
      const found = read(files)
      world.found?.(found)
      sources.folder(found)
    },
    cluster(resources, compiled) {
      tell = compiled
      sources.cluster(resources)
    },
    stop: () => secrets.stop(),
  }
}

const hasTemplate = (one: Found) =>
  'value' in one && isObject(one.value) && isObject(one.value.spec) && one.value.spec.template !== undefined
