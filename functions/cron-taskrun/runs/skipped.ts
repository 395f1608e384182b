import { type OpsEvent, ownSource } from '../../../shared/event.ts'
import { idOf } from '../../../shared/id.ts'
import type { Stored } from '../../../shared/objects.ts'
import { resources } from '../../../shared/resources.ts'
import type { RunKind } from '../../../shared/runs.ts'
import { resourceSubject } from '../../../shared/subject.ts'

/** The warning that an object was due and did not run, as an event of Kubernetes would tell it. */
export function skippedEvent(
  parent: Stored<RunKind>,
  about: { cluster: string; due: string; active: string; now: Date },
): OpsEvent & { subject: string } {
  const { kind } = parent
  const { namespace, name, uid } = parent.metadata
  const { cluster, due, active, now } = about
  return {
    specversion: '1.0',
    id: idOf('run-skipped', uid, due),
    source: ownSource,
    type: 'Kube',
    subject: resourceSubject({
      ...{ cluster, namespace, name },
      plural: resources[kind].plural,
      observation: 'events',
    }),
    time: now.toISOString(),
    datacontenttype: 'application/json',
    cluster,
    data: {
      ...{ cluster, kind, namespace, name, uid },
      type: 'Warning',
      reason: 'RunSkipped',
      eventTime: due,
      from: 'cron-taskrun',
      message: `It was due at ${due} and was not run: its run "${active}" still runs, and concurrencyPolicy is Forbid`,
    },
  }
}
