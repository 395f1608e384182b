import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kubeMessage } from '../../functions/watcher/events/message.ts'
import { type KubeEvent, parseKubeEvent } from '../../functions/watcher/events/occurrence.ts'
import type { Classify } from '../../shared/classify.ts'
import { type OpsEvent, ownSource } from '../../shared/event.ts'

const folder = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url))

/** The names of what is recorded. */
export const recorded = globSync('*.jsonl', { cwd: folder })
  .filter(file => !file.endsWith('.objects.jsonl'))
  .map(file => basename(file, '.jsonl'))
  .sort()

const lines = (file: string): unknown[] =>
  readFileSync(`${folder}${file}`, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

/** The versions of a recording's events as an API server told them, in order. */
export const versionsOf = (story: string): KubeEvent[] =>
  lines(`${story}.jsonl`).map(line => parseKubeEvent('events.k8s.io/v1', line))

/** The same as the watcher puts them on the bus; of what happened again each version tells one occurrence. */
export const eventsOf = (story: string, classify?: Classify): OpsEvent[] => {
  const seen = new Set<string>()
  return versionsOf(story).map(event => {
    const operation = seen.has(event.metadata.uid) ? 'MODIFIED' : 'ADDED'
    seen.add(event.metadata.uid)
    const plural = `${(event.regarding?.kind ?? 'Event').toLowerCase()}s`
    const message = kubeMessage(
      { cluster: 'c1', namespace: 'ops', source: ownSource, ...(classify && { classify }) },
      event,
      {
        operation,
        occurrences: 1,
        plural,
        now: 0,
      },
    )
    return JSON.parse(String(message.payload))
  })
}
