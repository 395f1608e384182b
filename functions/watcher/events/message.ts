import type { Message } from '../../../shared/adapters/publisher.ts'
import type { Classify } from '../../../shared/classify.ts'
import { described } from '../../../shared/described.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { eventMessage } from '../../../shared/event-message.ts'
import { idOf } from '../../../shared/id.ts'
import { resourceSubject } from '../../../shared/subject.ts'
import type { Surroundings } from '../context/surroundings.ts'
import { type KubeEvent, kubeData, lastHappened, type Operation } from './occurrence.ts'
import type { Sighting } from './reader.ts'

/** What all events of one watcher have in common; `namespace` is where its own alerts stand. */
export type About = { cluster: string; namespace: string; source: string; classify?: Classify }

/** One version of an event object; `plural` is what the API calls the kind that it is about. */
export function kubeMessage(
  about: About,
  event: KubeEvent,
  told: {
    operation: Operation
    occurrences: number
    plural: string
    now: number
    /** Further fields of the data, behind those of the event itself. */
    around?: Surroundings
  },
): Message {
  const { cluster, source } = about
  const { regarding, metadata } = event
  const made: OpsEvent & { subject: string } = {
    specversion: '1.0',
    id: idOf(metadata.uid, metadata.resourceVersion),
    source,
    type: 'Kube',
    subject: resourceSubject({
      cluster,
      ...(regarding?.namespace && { namespace: regarding.namespace }),
      plural: told.plural,
      name: regarding?.name || metadata.name,
      observation: 'events',
    }),
    time: lastHappened(event) ?? isoOf(told.now),
    datacontenttype: 'application/json',
    cluster,
    data: {
      ...kubeData(event, { cluster, operation: told.operation, occurrences: told.occurrences }),
      ...told.around,
    },
  }
  return eventMessage(described(made, about.classify))
}

/** Tells of a blind window. Replicas that lost the same place tell of it once. */
export function gapMessage(about: About, gap: Extract<Sighting, { kind: 'gap' }>): Message {
  const { cluster, namespace, source } = about
  const [from, to] = [isoOf(gap.from.time), isoOf(gap.to)]
  const made: OpsEvent & { subject: string } = {
    specversion: '1.0',
    id: idOf('gap', cluster, gap.from.resourceVersion),
    source,
    type: 'Default',
    subject: resourceSubject({
      cluster,
      namespace,
      plural: 'controllers',
      name: 'events',
      observation: 'alerts',
    }),
    time: to,
    datacontenttype: 'application/json',
    cluster,
    data: {
      cluster,
      reason: 'BlindWindow',
      from,
      to,
      because: gap.because,
      recovered: gap.recovered,
      message: `Events of cluster "${cluster}" may be missing from ${from} to ${to}: ${gap.because}. Of what happened then ${gap.recovered} event objects still exist, told in their last version.`,
    },
  }
  return eventMessage(described(made, about.classify))
}

const isoOf = (time: number) => new Date(time).toISOString()
