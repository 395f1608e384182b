import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Follow } from '../../../shared/adapters/follow.ts'
import type { Classify } from '../../../shared/classify.ts'
import { isEvent } from '../../../shared/event.ts'
import { parseJson } from '../../../shared/json.ts'
import { type Refusal, retryAfter } from '../../../shared/refusal.ts'
import { rowOf } from '../../../shared/row.ts'
import { patternCovers } from '../../../shared/subject.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Streamed } from '../route.ts'
import type { EventFilter } from './filter.ts'
import { fits } from './fits.ts'
import { itemOf } from './item.ts'
import { written } from './written.ts'

/** What following needs; `beat` and `patience` in milliseconds. With `ending` all of it ends. */
export type World = {
  follow: Follow
  classify: Classify
  now(): number
  ending: AbortSignal
  beat?: number
  patience?: number
}

const mostTails = { token: 10, all: 200 } as const

/** Events as they come, as server-sent events (HTML standard, section 9.2); it counts who follows. */
export function tails({ follow, classify, now, ending, beat = 15_000, patience = 30_000 }: World) {
  const open = new Map<string, number>()

  return function tail({
    asked,
    token,
    headers = {},
  }: Asked & { headers?: IncomingMessage['headers'] | undefined }): Streamed | Refusal {
    const last = headers['last-event-id']
    const after = last === undefined || last === '' ? undefined : Number(last)
    if (after !== undefined && !(Number.isSafeInteger(after) && after >= 0)) return noPlace
    const all = [...open.values()].reduce((sum, one) => sum + one, 0)
    const own = open.get(token.name) ?? 0
    if (own >= mostTails.token || all >= mostTails.all) return tooMany
    open.set(token.name, own + 1)
    return { write: to => follows(to, { asked, token, after }) }
  }

  async function follows(to: ServerResponse, { asked, token, after }: Asked & { after: number | undefined }) {
    const gone = new AbortController()
    to.on('close', () => gone.abort())
    if (to.destroyed) gone.abort()
    // Proxies hold back what they take for an ordinary answer.
    const head = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    }
    to.writeHead(200, head)
    to.write(': from here on\n\n')
    const signal = AbortSignal.any([gone.signal, ending])
    const reached: Reached = { place: undefined }
    const alive = () => to.write(reached.place === undefined ? ': alive\n\n' : idText(reached.place))
    const heart = setInterval(() => to.writableNeedDrain || alive(), beat)
    try {
      await tell(to, { asked, token, after, signal, reached })
    } finally {
      clearInterval(heart)
      open.set(token.name, (open.get(token.name) ?? 1) - 1)
      if (!open.get(token.name)) open.delete(token.name)
      gone.abort()
    }
  }

  async function tell(
    to: ServerResponse,
    about: Asked & { after: number | undefined; signal: AbortSignal; reached: Reached },
  ) {
    const { asked, token, after, signal, reached } = about
    let isAway = false
    for await (const followed of follow({ pattern: patternFor(asked, token), after, signal })) {
      if ('away' in followed) {
        if (!isAway)
          to.write(
            eventText({ event: 'away', data: { message: 'NATS is away: it goes on when it is back' } }),
          )
        isAway = true
        continue
      }
      if ('from' in followed) {
        reached.place = followed.from
        to.write(idText(followed.from))
        continue
      }
      if (isAway) to.write(eventText({ event: 'back', data: {} }))
      isAway = false
      const item = itemIn(followed.payload, { asked, token })
      if (!item || (await written(to, eventText({ id: followed.seq, data: item }), patience))) {
        reached.place = followed.seq
        continue
      }
      if (to.destroyed) return
      const message = `Read too slowly: go on with Last-Event-ID ${followed.seq}`
      to.end(eventText({ event: 'slow', data: { message } }))
      // Whoever does not read may not read this either, and would hold what is kept for it.
      setTimeout(() => to.destroy(), patience).unref()
      return
    }
    to.end()
  }

  function itemIn(payload: Uint8Array, { asked, token }: Asked) {
    const parsed = parseJson(Buffer.from(payload).toString())
    if (!('value' in parsed) || !isEvent(parsed.value)) return undefined
    const row = rowOf(parsed.value, { received: new Date(now()), classify, keepOf: () => 1 })
    return fits(row, asked, token) ? itemOf(row) : undefined
  }
}

type Asked = { asked: EventFilter; token: Token }

/** Up to where all was looked at, told or not: whoever goes on there misses nothing, and nothing is looked at twice. */
type Reached = { place: number | undefined }

/**
 * What the server need not send is left out by one pattern at most: more of them older servers do not know, nor any that
 * goes beyond what is in the stream.
 */
function patternFor({ subject = wholeStream }: EventFilter, { read }: Token): string {
  const [only] = read
  const wanted = read.length === 1 && only !== undefined && patternCovers(subject, only) ? only : subject
  return patternCovers(wholeStream, wanted) ? wanted : wholeStream
}

const wholeStream = 'ops.>'

const eventText = ({ id, event, data }: { id?: number; event?: string; data: unknown }) =>
  `${id === undefined ? '' : `id: ${id}\n`}${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`

/** An id without an event: a browser keeps it as well (HTML standard, section 9.2.6). */
const idText = (place: number) => `id: ${place}\n\n`

const noPlace: Refusal = {
  status: 400,
  message: 'Cannot read the header Last-Event-ID: it has to be the id of an event of this stream',
}

const tooMany: Refusal = {
  status: 429,
  message: `Too many follow events already: a token may have ${mostTails.token} streams at once, and all of them ${mostTails.all}`,
  head: retryAfter(10_000),
}
