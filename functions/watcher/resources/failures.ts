import type { Log } from '../../../shared/log.ts'
import { type Kind, resources } from '../../../shared/resources.ts'
import type { Change } from './reader.ts'

/** Says of a kind why it cannot be read, each reason once until it can again. */
export function failuresOf(kind: Kind, log: Log): { failed(why: string): void; seen(change: Change): void } {
  const { plural } = resources[kind]
  let said = ''
  const once = (why: string, message: string) => {
    if (why !== said) log.warn({ resource: plural, err: why }, message)
    said = why
  }
  return {
    failed: why => once(why, 'Cannot read resources of the cluster, trying again'),
    seen({ kind: happened }) {
      if (happened === 'unknown')
        once(
          'its CustomResourceDefinition is missing',
          'The cluster does not know a kind of ours: apply infra/crds to it. Asking again',
        )
      else if (happened === 'all') {
        if (said !== '') log.info({ resource: plural }, 'Resources of the cluster can be read again')
        said = ''
      }
    },
  }
}
