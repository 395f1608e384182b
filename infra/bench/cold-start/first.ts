import { mediaTypes } from '../../../shared/cloudevents-http.ts'
import type { HookSet } from '../../../shared/hookset.ts'
import { orderEvent } from '../../../shared/orders.ts'
import { firingByKind } from '../hooks.ts'
import { newEvents } from '../load.ts'
import { secrets } from '../stand.ts'

/** A request, to be answered with 2xx when what it asks for has been done. */
export type First = { method: string; path: string; headers: Record<string, string>; body: string }

const structured = { authorization: `Bearer ${secrets.bridge}`, 'content-type': mediaTypes.structured }
const bridged = (event: object): First => ({
  ...{ method: 'POST', path: '/', headers: structured },
  body: JSON.stringify(event),
})

/** The first request that each function is asked, another one each time. */
export function firstRequests(set: HookSet): Record<string, () => First> {
  const firing = firingByKind(set.hooks)
  const event = () => {
    for (;;)
      for (const load of newEvents(1)) if (firing[load.kind]?.length === 1) return JSON.parse(load.payload)
  }
  const [hook] = set.hooks
  if (!hook) throw new RangeError('There have to be hooks')
  return {
    'subject-ingest': () => ({
      ...{ method: 'POST', path: '/api/v1/namespaces/bench/events/pods.web-1.events' },
      headers: { authorization: `Bearer ${secrets.server}`, 'content-type': 'application/json' },
      body: JSON.stringify(event().data),
    }),
    'hook-evaluate': () => bridged(event()),
    'webhook-deliver': () => {
      const one = event()
      return bridged({ ...one, hook: hook.id, hookrevision: hook.revision, deliveryid: one.id })
    },
    // As most are when they come: its day has its part of the table.
    'event-store': () => bridged({ ...event(), time: new Date().toISOString() }),
    'ops-api': () => ({
      ...{ method: 'GET', path: '/api/v1/query?limit=1', body: '' },
      headers: { authorization: `Bearer ${secrets.server}` },
    }),
    'cron-taskrun': () =>
      bridged(
        orderEvent(
          { order: 'overdue', kind: 'TaskRun', namespace: 'bench', name: 'gone', uid: 'gone' },
          { what: event().id, cluster: 'bench', now: new Date() },
        ),
      ),
  }
}
