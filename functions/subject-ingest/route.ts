import { percentDecoded } from '../../shared/path.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'

/** What a request asks for: one JSON object for the subject that its path means, or CloudEvents with theirs. */
export type Route = { kind: 'json'; namespace: string; event: string } | { kind: 'cloudevents' }

const eventPath = '/api/v1/namespaces/{namespace}/events/{event}'
const form = /^\/api\/v1\/namespaces\/([^/]+)\/events\/([^/]+)\/?$/

/** Reads method and path; the path is percent-decoded once. */
export function routeOf(method: string | undefined, url: string | undefined): Route | Refusal {
  const path = (url ?? '/').split('?', 1)[0] ?? '/'
  const found = form.exec(path)
  if (!found && path !== '/') {
    return {
      status: 404,
      message: `Nothing is at ${quoted(path)}: POST ${eventPath} takes a JSON object, POST / takes CloudEvents`,
    }
  }
  if (method !== 'POST') {
    return {
      status: 405,
      message: `${method} is not answered here: POST an event; what was posted is read from ops-api`,
      head: { allow: 'POST' },
    }
  }
  if (!found) return { kind: 'cloudevents' }
  const namespace = percentDecoded(found[1] ?? '')
  const event = percentDecoded(found[2] ?? '')
  if (namespace === undefined || event === undefined)
    return { status: 400, message: `Cannot read the path ${quoted(path)}: it is not percent-encoded UTF-8` }
  return { kind: 'json', namespace, event }
}
