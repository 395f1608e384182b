import { judge } from '../../functions/hook-evaluate/match.ts'
import { revisionOf } from '../../shared/adapters/hooks.ts'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { readableText } from '../../shared/readable.ts'
import { sealWith } from '../../shared/seal.ts'
import { subjectMatches } from '../../shared/subject.ts'
import { hundred, kinds, plurals, reasons, words } from './load.ts'
import { type Pick, picker } from './pick.ts'

/** How often hooks fire: `seldom` looks for names, so nearly never; `often` for reasons, about one hook an event. */
export type Firing = 'seldom' | 'often'

/**
 * Hooks of a grown installation: most for one cluster and namespace, some for a namespace or a kind everywhere, one
 * in a hundred for everything. All are of type webhook and send to `url`, sealed with `key`.
 */
export function hooksOf(count: number, firing: Firing, { url, key }: { url: string; key: string }): HookSet {
  const pick = picker(count)
  const { close } = sealWith(key)
  const hooks = Array.from({ length: count }, (_, index): CompiledHook => {
    const name = `hook-${String(index).padStart(5, '0')}`
    const id = `bench/${name}`
    const included = firing === 'seldom' ? words : reasons
    return {
      id,
      namespace: 'bench',
      name,
      revision: '1',
      type: 'webhook',
      subject: subjectOf(index, pick),
      include: [pick(included), pick(included), pick(included)],
      exclude: [pick(reasons)],
      matchMode: 'ANY',
      matchType: 'CONTAINS',
      sealed: close(JSON.stringify({ url, options: {}, additional: '' }), id),
    }
  })
  return { revision: revisionOf(hooks), hooks }
}

function subjectOf(index: number, pick: Pick): string {
  const [cluster, namespace, plural] = [`c${pick(hundred)}`, `ns${pick(hundred)}`, pick(plurals)]
  const part = index % 100
  if (part === 0) return 'ops.>'
  if (part < 46) return `ops.clusters.${cluster}.namespaces.${namespace}.>`
  if (part < 71) return `ops.clusters.${cluster}.namespaces.${namespace}.${plural}.*.events`
  if (part < 86) return `ops.clusters.*.namespaces.${namespace}.>`
  if (part < 96) return `ops.clusters.${cluster}.namespaces.*.${plural}.*.events`
  return `ops.clusters.*.namespaces.*.${plural}.p${pick(hundred)}.events`
}

/** The hooks that fire for each kind of event: told one hook after the other, as the plainest program would. */
export function firingByKind(hooks: readonly CompiledHook[]): string[][] {
  return kinds.map(event => {
    const text = readableText(event)
    const fires = (hook: CompiledHook) =>
      subjectMatches(hook.subject, event.subject) && judge(hook, text).fires
    return hooks.filter(fires).map(({ id }) => id)
  })
}
