import type { OpsEvent } from '../../shared/event.ts'
import { type Pick, picker } from './pick.ts'

/** An event to be sent, with a payload of about 600 bytes; events of one kind differ in nothing but the id. */
export type Load = { id: string; subject: string; payload: string; kind: number }

/** What events and hooks are about: a hundred clusters with a hundred namespaces each. */
export const hundred = Array.from({ length: 100 }, (_, index) => index)
export const reasons = Array.from({ length: 40 }, (_, index) => `Reason${index}`)
export const words = Array.from({ length: 5000 }, (_, index) => `${letters(index)}-${index}`)
export const plurals = ['pods', 'deployments', 'replicasets', 'jobs', 'statefulsets', 'daemonsets']

function letters(index: number): string {
  return `${'abcdefghijklmnopqrst'[index % 20]}word`
}

const idHere = '@id@'
const pick = picker(1)

/** One event of each kind, without its id. */
export const kinds = Array.from({ length: 1000 }, (_, index) => eventOf(index, pick))
const halves = kinds.map(event => JSON.stringify(event).split(idHere))
let count = 0

/** So many events that were never sent before, all different in id and their kinds in turn. */
export function newEvents(many: number): Load[] {
  return Array.from({ length: many }, () => {
    const kind = count % kinds.length
    const id = `5b2f6d4c-0000-5000-8000-${String(count++).padStart(12, '0')}`
    const [head = '', tail = ''] = halves[kind] ?? []
    return { id, kind, subject: kinds[kind]?.subject ?? '', payload: head + id + tail }
  })
}

/** What a cluster tells of a restart, about things that are picked. */
export function eventOf(index: number, pick: Pick): OpsEvent & { subject: string } {
  const [cluster, namespace] = [`c${pick(hundred)}`, `ns${pick(hundred)}`]
  const [plural, name] = [pick(plurals), `p${pick(hundred)}`]
  return {
    specversion: '1.0',
    id: idHere,
    source: 'https://github.com/shaowenchen/ops',
    type: 'Kube',
    subject: `ops.clusters.${cluster}.namespaces.${namespace}.${plural}.${name}.events`,
    time: '2026-01-01T12:00:00Z',
    datacontenttype: 'application/json',
    cluster,
    data: {
      cluster,
      type: 'Warning',
      reason: pick(reasons),
      eventTime: '2026-01-01T12:00:00Z',
      from: 'kubelet',
      message: `Back-off 5m0s restarting ${pick(words)} container ${pick(words)} in pod ${index} of ${namespace}`,
      kind: plural.slice(0, -1),
      namespace,
      name,
      reportingController: 'kubelet',
      count: index,
    },
  }
}
