import type { Message } from '../../shared/adapters/publisher.ts'
import { described } from '../../shared/described.ts'
import { ownSource } from '../../shared/event.ts'
import { eventMessage } from '../../shared/event-message.ts'
import { idOf } from '../../shared/id.ts'
import { resourceSubject } from '../../shared/subject.ts'
import type { LeafGap } from './leaf-places.ts'

/** The event that tells what a leaf cluster has lost: it stands where that cluster's own alerts do. */
export function leafLoss(
  { cluster, events, source, seq: from, to }: LeafGap & { cluster: string; events: number },
  about: { namespace: string; now: Date },
): Message {
  const { namespace, now } = about
  const message = `The buffer of cluster "${cluster}" was full or too old while the link to it was cut: ${events} events went before they were here`
  return eventMessage(
    described({
      specversion: '1.0' as const,
      id: idOf('lost', cluster, source, String(from), String(to)),
      source: ownSource,
      type: 'Default',
      subject: resourceSubject({ cluster, namespace, plural: 'streams', name: 'ops', observation: 'alerts' }),
      time: now.toISOString(),
      datacontenttype: 'application/json',
      cluster,
      data: { cluster, stream: 'ops', events, from, to, message },
    }),
  )
}

/** The cluster that an event was seen in, by its subject; an event about none is of "unknown". */
export const clusterIn = (subject: string): string =>
  /^ops\.clusters\.([^.]+)\./.exec(subject)?.[1] ?? 'unknown'
