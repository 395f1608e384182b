import { hash } from 'node:crypto'
import type { Stored } from '../../../shared/objects.ts'
import type { Place } from '../executor.ts'
import { readSelector } from './selector.ts'

type Host = Stored<'Host'>

/** As many names as a message has. */
const mostNamed = 10

/**
 * The Hosts that a Task's `host` names: one by its name, those that a label selector fits, or by a word: `all`,
 * `allmasters`, `allworkers`, and of these any one, the same for the same `uid`, that did not fail its last probe.
 */
export function placesIn(
  hosts: Host[],
  { host = 'anynode', namespace, uid }: { host?: string | undefined; namespace: string; uid: string },
): Place[] | { problem: string; never?: true } {
  const named = hosts.find(({ metadata }) => metadata.name === host)
  if (named) return [placeOf(named)]
  const group = Object.hasOwn(groups, host) ? groups[host] : undefined
  const selected = group ?? (/[=!(]/.test(host) ? selecting(host) : undefined)
  if (!selected)
    return { problem: `There is no Host "${host}" in namespace "${namespace}": ${named10(hosts)}` }
  if ('problem' in selected)
    return { problem: `Cannot tell where "${host}" is: ${selected.problem}`, never: true }
  const found = hosts.filter(selected.has)
  if (found.length === 0)
    return { problem: `No Host of namespace "${namespace}" is "${host}": ${named10(hosts)}` }
  return selected.one ? [placeOf(anyOf(found, uid))] : found.map(placeOf)
}

type Group = { has(host: Host): boolean; one: boolean }

const isMaster = ({ metadata: { labels } }: Host) =>
  Object.hasOwn(labels, 'node-role.kubernetes.io/control-plane') || labels.role === 'master'
const isWorker = (host: Host) => !isMaster(host)

const groups: Record<string, Group> = {
  all: { has: () => true, one: false },
  allmasters: { has: isMaster, one: false },
  allworkers: { has: isWorker, one: false },
  anynode: { has: () => true, one: true },
  anymaster: { has: isMaster, one: true },
  anyworker: { has: isWorker, one: true },
}

function selecting(text: string): Group | { problem: string } {
  const fits = readSelector(text)
  return 'problem' in fits ? fits : { has: ({ metadata }) => fits(metadata.labels), one: false }
}

/** One by the hash of a uid, among those that answered when they were last asked; if none did, among all. */
function anyOf(found: Host[], uid: string): Host {
  const alive = found.filter(({ status }) => status.heartStatus !== 'Failed')
  const among = alive.length > 0 ? alive : found
  const [first] = among
  const index = Number.parseInt(hash('sha256', uid).slice(0, 12), 16) % among.length
  const host = among[index] ?? first
  if (!host) throw new Error('There is no host to choose from')
  return host
}

const placeOf = ({ metadata }: Host): Place => ({ name: metadata.name })

function named10(hosts: Host[]): string {
  if (hosts.length === 0) return 'it has none'
  const names = hosts.slice(0, mostNamed).map(({ metadata }) => metadata.name)
  return `it has ${names.join(', ')}${hosts.length > mostNamed ? ` and ${hosts.length - mostNamed} more` : ''}`
}
