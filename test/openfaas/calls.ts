import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from '../../infra/local/child.ts'
import { until } from '../../infra/local/until.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { ownSource } from '../../shared/event.ts'

const event = (id: string) => ({
  ...{ specversion: '1.0', id, source: ownSource, type: 'Default', datacontenttype: 'application/json' },
  ...{ subject: 'ops.clusters.c.nodes.n.events', time: '2026-01-31T12:00:00Z', data: { message: 'm' } },
})
// Where people and programs post, and what.
const outside: Record<string, { path: string; body: unknown }> = {
  'subject-ingest': { path: '/api/v1/namespaces/n/events/nodes.n.events', body: { message: 'm' } },
  'ops-api': { path: '/api/v1/namespaces/ops-system/taskruns', body: { taskRef: 'none' } },
}

export type Calls = ReturnType<typeof calls>

/** Requests as the bridge, or somebody outside, makes them of this function. */
export function calls(name: string, { url, token }: { url: string; token: string }) {
  const { path = '/', body } = outside[name] ?? {}
  const type = body === undefined ? mediaTypes.batch : 'application/json'
  const text = (count: number) =>
    JSON.stringify(body ?? Array.from({ length: count }, (_, at) => event(`${name}-${count}-${at}`)))
  const post = async (count: number, bearer = token) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': type }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: text(count) })
    const after = answer.headers.get('retry-after')
    return `${answer.status}${after === null ? '' : ` Retry-After: ${after}`} ${(await answer.text()).slice(0, 90)}`
  }
  return {
    one: (bearer?: string) => post(1, bearer),
    many: (count: number) => post(count),
    /** Sends half of a request; the rest, and its answer, on demand. */
    half() {
      const whole = text(1)
      const headers = { authorization: `Bearer ${token}`, 'content-type': type }
      const half = request(`${url}${path}`, { method: 'POST', headers })
      const status = new Promise<number | string>(resolve => {
        half.on('response', answer => resolve(answer.resume().statusCode ?? 0))
        half.on('error', error => resolve(error.message))
      })
      half.write(whole.slice(0, 10))
      return { status, finish: () => half.end(whole.slice(10)) }
    },
  }
}

/** What the watchdog says of itself and of the function, once both are up. */
export async function ready(url: string, child: Child) {
  const status = (path: string) =>
    fetch(`${url}${path}`).then(
      ({ status }) => status,
      () => 0,
    )
  await until('the function to be ready', child, async () => (await status('/_/ready')) === 200 || undefined)
  return { health: await status('/_/health'), ready: await status('/_/ready') }
}

/** SIGTERM in the middle of a request: what that one is answered, what later ones are, and when the watchdog is gone. */
export async function halted({ url, child, call }: { url: string; child: Child; call: Calls }) {
  const { status, finish } = call.half()
  await pause(200)
  const began = performance.now()
  void child.kill('SIGTERM')
  const later: string[] = []
  let gone = false
  void child.exited.then(() => (gone = true))
  const knocking = (async () => {
    while (!gone) {
      later.push(
        await fetch(`${url}/healthz`).then(
          ({ status }) => String(status),
          () => 'refused',
        ),
      )
      await pause(20)
    }
  })()
  await pause(500)
  finish()
  const inFlight = await status
  const answered = Math.round(performance.now() - began)
  const ended = await child.exited
  await knocking
  const counts = Object.fromEntries(
    [...new Set(later)].map(word => [word, later.filter(one => one === word).length]),
  )
  return {
    inFlight,
    answered: `after ${answered} ms`,
    later: counts,
    ended,
    gone: `after ${Math.round(performance.now() - began)} ms`,
  }
}
