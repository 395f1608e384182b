import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { kubeMessage } from '../../../functions/watcher/events/message.ts'
import {
  countOf,
  type KubeEvent,
  lastHappened,
  parseKubeEvent,
} from '../../../functions/watcher/events/occurrence.ts'
import { englishPlural } from '../../../functions/watcher/events/plurals.ts'

/** What another story with the same plot says in another way. */
export type NameKind = 'uid' | 'workload' | 'suffix' | 'node' | 'namespace' | 'cluster'

/** An event as JSON, cut where something differs from story to story: a time in ms after the beginning, or a name. */
export type Line = { at: number; parts: (string | { after: number } | { kind: NameKind; name: string })[] }

/** What a real control plane did in one of its stories, as the watcher tells it. */
export type Recording = { name: string; lines: Line[] }

const folder = fileURLToPath(new URL('../../../test/fixtures/recordings/', import.meta.url))

const Recorded = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string() })).default([]),
  }),
  spec: z.object({ nodeName: z.string().optional() }).optional(),
})
type Recorded = z.infer<typeof Recorded>

/** Every recording of the fixtures. */
export function readRecordings(): Recording[] {
  const names = readdirSync(folder).filter(
    file => file.endsWith('.jsonl') && !file.endsWith('.objects.jsonl'),
  )
  return names.sort().map(file => {
    const name = file.slice(0, -'.jsonl'.length)
    return recordingOf(name, linesOf(file), linesOf(`${name}.objects.jsonl`))
  })
}

const linesOf = (file: string): unknown[] =>
  readFileSync(`${folder}${file}`, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

/** Events of Kubernetes in the order in which they were seen, and the objects that they are about. */
export function recordingOf(name: string, versions: unknown[], objects: unknown[]): Recording {
  const events = versions.map(version => parseKubeEvent('events.k8s.io/v1', version))
  const known = new Map(
    objects.map(object => Recorded.parse(object)).map(object => [object.metadata.uid, object]),
  )
  const names = namesIn(events, [...known.values()])
  const pattern = patternOf(names)
  const first = Math.min(...events.map(timeOf))
  const counts = new Map<string, number>()
  const lines = events.map(event => {
    const before = counts.get(event.metadata.uid) ?? 0
    counts.set(event.metadata.uid, countOf(event))
    const { payload } = kubeMessage(
      { cluster: 'recorded', namespace: 'ops-system', source: 'https://github.com/shaowenchen/ops' },
      event,
      {
        operation: before === 0 ? 'ADDED' : 'MODIFIED',
        occurrences: Math.max(countOf(event) - before, 1),
        plural: englishPlural(event.regarding?.kind ?? ''),
        now: first,
        around: aroundOf(event, known),
      },
    )
    return { at: timeOf(event) - first, parts: cut(String(payload), { pattern, names, first }) }
  })
  return { name, lines }
}

const timeOf = (event: KubeEvent) => Date.parse(lastHappened(event) ?? '')

function aroundOf({ regarding }: KubeEvent, known: Map<string, Recorded>) {
  const self = known.get(regarding?.uid ?? '')
  const owners: { kind: string; name: string; uid: string }[] = []
  for (let at = self; at?.metadata.ownerReferences[0]; at = known.get(owners.at(-1)?.uid ?? ''))
    owners.push(at.metadata.ownerReferences[0])
  return {
    ...(self?.spec?.nodeName && { node: self.spec.nodeName }),
    ...(owners.length > 0 && { owners }),
  }
}

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'])
// The letters of which Kubernetes makes suffixes, and the minutes in the names of jobs.
const suffix = /^([bcdfghjklmnpqrstvwxz2456789]{5,10}|\d{6,})$/

function namesIn(events: KubeEvent[], objects: Recorded[]): Map<string, NameKind> {
  const names = new Map<string, NameKind>([['recorded', 'cluster']])
  const about = events.flatMap(({ regarding }) =>
    regarding?.name ? [{ ...regarding, name: regarding.name }] : [],
  )
  for (const { kind, name } of [
    ...about,
    ...objects.map(({ kind, metadata }) => ({ kind, name: metadata.name })),
  ]) {
    if (kind === 'Node') names.set(name, 'node')
    else if (workloads.has(kind ?? '')) names.set(name, 'workload')
    else for (const part of name.split('-')) if (suffix.test(part)) names.set(part, 'suffix')
  }
  for (const { namespace } of about) if (namespace) names.set(namespace, 'namespace')
  return names
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z'

function patternOf(names: Map<string, NameKind>): RegExp {
  // "service-1" begins "service-10".
  const longest = [...names].sort(([a], [b]) => b.length - a.length)
  const either = longest.map(([name, kind]) => (kind === 'workload' ? `${name}${notInSentence}` : name))
  return new RegExp(`(${uuid})|(${time})|(?<![\\w])(${either.join('|')})(?![\\w])`, 'g')
}

// "waiting for first consumer" is about no workload named "first".
const notInSentence = '(?! [a-z])'

function cut(
  text: string,
  { pattern, names, first }: { pattern: RegExp; names: Map<string, NameKind>; first: number },
): Line['parts'] {
  const parts: Line['parts'] = []
  let at = 0
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(at, found.index))
    at = found.index + found[0].length
    const [, id, moment, name = ''] = found
    if (id) parts.push({ kind: 'uid', name: id })
    else if (moment) parts.push({ after: Date.parse(moment) - first })
    else parts.push({ kind: names.get(name) ?? 'workload', name })
  }
  return [...parts, text.slice(at)]
}
