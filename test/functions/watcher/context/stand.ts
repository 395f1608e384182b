import { readFileSync } from 'node:fs'
import { contextOf } from '../../../../functions/watcher/context/context.ts'
import { Enrich } from '../../../../functions/watcher/context/enrich.ts'
import { type KubeEvent, parseKubeEvent } from '../../../../functions/watcher/events/occurrence.ts'
import { englishPlural } from '../../../../functions/watcher/events/plurals.ts'
import { type Ask, KubernetesError } from '../../../../shared/adapters/kubernetes.ts'

/** An object of the API, as much of it as a test needs. */
export type Thing = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; uid: string; [field: string]: unknown }
  spec?: object
}

/** A thing of namespace `shop`, whose uid is its kind and name; `owner` controls it. */
export function thing(kind: string, name: string, { owner, ...more }: { owner?: Thing; spec?: object } = {}) {
  const apiVersion = { ReplicaSet: 'apps/v1', Deployment: 'apps/v1', StatefulSet: 'apps/v1' }[kind] ?? 'v1'
  const made: Thing = {
    ...{ apiVersion, kind },
    metadata: { namespace: 'shop', name, uid: `${kind}-${name}`, ...(owner && ownedBy(owner)) },
    ...more,
  }
  return made
}

export const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: Thing) => ({
  ownerReferences: [
    { apiVersion: 'v1', kind: 'Looker', name: 'on', uid: 'x' },
    { apiVersion, kind, name, uid, controller: true },
  ],
})

/** An event about a thing. */
export function about({ apiVersion, kind, metadata }: Thing, said: object = {}): KubeEvent {
  const { name, namespace, uid } = metadata
  return parseKubeEvent('events.k8s.io/v1', {
    metadata: { name: 'e', namespace, uid: 'e', resourceVersion: '1' },
    regarding: { apiVersion, kind, namespace, name, uid },
    ...{ reason: 'Tested', ...said },
  })
}

/** A story of test/fixtures/recordings: its events in order, and whoever they are about. */
export function recorded(story: string) {
  const read = (name: string): unknown[] => {
    const path = new URL(`../../../fixtures/recordings/${name}.jsonl`, import.meta.url)
    return readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }
  const events = read(story).map(event => parseKubeEvent('events.k8s.io/v1', event))
  return { events, things: read(`${story}.objects`) as Thing[] }
}

/**
 * What is found out where these things are. `refuse` answers in the API server's place where it says something. Time
 * stands still but for `pass`.
 */
export function standOf(
  things: Thing[],
  { enrich = {}, refuse = () => undefined }: { enrich?: object; refuse?(path: string): unknown } = {},
) {
  const asked: string[] = []
  const left: string[] = []
  const said: object[] = []
  const timers = new Set<{ at: number; call(): void }>()
  let now = Date.parse('2026-06-01T12:00:00Z')

  async function json({ path }: Ask): Promise<unknown> {
    const isDiscovery = /^\/(api|apis\/[^/]+)\/[^/]+$/.test(path)
    if (isDiscovery) return { resources: [...known, ...things.map(resourceOf)] }
    asked.push(path)
    const answer = refuse(path)
    if (answer instanceof Error) throw answer
    if (answer !== undefined) return answer
    const found = things.find(one => pathOf(one) === path)
    if (!found) throw new KubernetesError(404, 'NotFound', 'not found')
    return found
  }

  const context = contextOf(
    {
      json,
      counts: { left: because => left.push(because), asked() {}, remembered() {} },
      wall: () => now,
      later(ms, call) {
        const timer = { at: now + ms, call }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      log: { debug() {}, info: line => said.push(line as object), warn() {}, error() {} },
    },
    Enrich.parse(enrich),
  )
  return {
    ...{ asked, left, said, things, context },
    of: async (event: KubeEvent) => context.of(event),
    pass(ms: number) {
      now += ms
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer)
        timer.call()
      }
    },
  }
}

const known = [
  'Pod',
  'PersistentVolumeClaim',
  'ReplicaSet',
  'Deployment',
  'DaemonSet',
  'Job',
  'CronJob',
  'Node',
].map(kind => ({
  ...{ kind, name: englishPlural(kind), namespaced: kind !== 'Node' },
}))

const resourceOf = ({ kind, metadata }: Thing) => ({
  ...{ kind, name: englishPlural(kind), namespaced: metadata.namespace !== undefined },
})

export function pathOf({ apiVersion, kind, metadata: { namespace, name } }: Thing): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${group}${namespace ? `/namespaces/${namespace}` : ''}/${englishPlural(kind)}/${name}`
}
