import { readFileSync } from 'node:fs'
import { Enrich } from '../functions/watcher/context/enrich.ts'
import { isNode, knownOf, type Ref } from '../functions/watcher/context/known.ts'
import { type Look, surroundingsOf } from '../functions/watcher/context/surroundings.ts'
import { kubeMessage } from '../functions/watcher/events/message.ts'
import { countOf, parseKubeEvent } from '../functions/watcher/events/occurrence.ts'
import { englishPlural } from '../functions/watcher/events/plurals.ts'
import { classify } from '../shared/classify.ts'
import { isEvent, type OpsEvent, ownSource } from '../shared/event.ts'
import { rowOf } from '../shared/row.ts'
import type { StoredEvent } from '../shared/stored.ts'

const folder = new URL('fixtures/recordings/', import.meta.url)
const enrich = Enrich.parse({})

/** The events of a recording as the watcher would put them on the bus, knowing all of its objects. */
export function recordedEvents(story: string): OpsEvent[] {
  const look = lookIn(linesOf(`${story}.objects.jsonl`))
  const counts = new Map<string, number>()
  return linesOf(`${story}.jsonl`).map(line => {
    const event = parseKubeEvent('events.k8s.io/v1', line)
    const before = counts.get(event.metadata.uid)
    counts.set(event.metadata.uid, countOf(event))
    const message = kubeMessage({ cluster: 'prod', namespace: 'ops-system', source: ownSource }, event, {
      operation: before === undefined ? 'ADDED' : 'MODIFIED',
      occurrences: countOf(event) - (before ?? 0),
      plural: englishPlural(event.regarding?.kind ?? ''),
      now: 0,
      around: surroundingsOf(event, enrich, look).found,
    })
    const made: unknown = JSON.parse(String(message.payload))
    if (!isEvent(made)) throw new Error(`${message.payload} is no event`)
    return made
  })
}

/** The rows that event-store makes of them; kept for ten years, so that a recording does not grow old. */
export const recordedRows = (story: string): StoredEvent[] =>
  recordedEvents(story).map(event =>
    rowOf(event, { received: new Date(event.time ?? 0), classify, keepOf: () => 3_650 }),
  )

type Recorded = {
  kind: string
  apiVersion: string
  metadata: { name: string; namespace?: string; uid: string }
}

function lookIn(objects: unknown[]): Look {
  const refs = objects.map(object => {
    const { kind, apiVersion, metadata } = object as Recorded
    return {
      object,
      ref: { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid },
    }
  })
  return wanted => {
    const found = refs.find(({ ref }) => isSame(wanted, ref))
    return found ? knownOf(wanted, found.object, enrich).known : 'gone'
  }
}

const isSame = (wanted: Ref, ref: Ref) =>
  wanted.kind === ref.kind &&
  wanted.name === ref.name &&
  wanted.namespace === ref.namespace &&
  (wanted.uid === '' || isNode(ref) || wanted.uid === ref.uid)

const linesOf = (file: string): unknown[] =>
  readFileSync(new URL(file, folder), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
