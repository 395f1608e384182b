import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Token } from '../../../shared/tokens.ts'

/** Where an answer has ended: the last row of it by its key, and what was asked when it began, in Unix milliseconds. */
export type Place = {
  start: number
  end: number
  now: number
  last: { time: number; id: string; source: string; keep: number }
}

/** To whom and for what a cursor is good. */
type Bound = { token: Token; question: object }

const Written = z.tuple([z.int(), z.int(), z.int(), z.int(), z.string(), z.string(), z.int()])
const digest = 18

/** An opaque text that leads on from there, for the same token and question only. */
export function cursorOf({ start, end, now, last }: Place, bound: Bound): string {
  const written: z.infer<typeof Written> = [start, end, now, last.time, last.id, last.source, last.keep]
  const text = Buffer.from(JSON.stringify(written))
  return Buffer.concat([sealOf(text, bound), text]).toString('base64url')
}

/** Where a cursor leads on from; undefined for what is none of this token and question. */
export function placeOf(cursor: string, bound: Bound): Place | undefined {
  const bytes = Buffer.from(cursor, 'base64url')
  const [seal, text] = [bytes.subarray(0, digest), bytes.subarray(digest)]
  if (seal.length < digest || !timingSafeEqual(seal, sealOf(text, bound))) return undefined
  const [start, end, now, time, id, source, keep] = Written.parse(JSON.parse(text.toString()))
  return { start, end, now, last: { time, id, source, keep } }
}

function sealOf(text: Buffer, { token, question }: Bound): Buffer {
  const about = JSON.stringify([token.name, token.read, Object.entries(question).sort(byName)])
  return createHmac('sha256', token.sha256)
    .update(about)
    .update('\0')
    .update(text)
    .digest()
    .subarray(0, digest)
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1)
