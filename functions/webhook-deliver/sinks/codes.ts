import type { HttpAnswer } from '../../../shared/adapters/http.ts'
import { done, drop, type Outcome, retry } from '../../../shared/outcome.ts'
import { said } from './json.ts'

/** What a service means by a code of its own, and what to do; with `after` (ms) the same may pass later. */
export type Meaning = { why: string; after?: number }

/** How a service answers that says 200 to everything: where its code stands, and what the codes mean. */
export type Codes = {
  service: string
  /** The code of an answer (0 is yes) and its words, or undefined when it is not the service's own answer. */
  read(body: Record<string, unknown>): { code: number; words: string } | undefined
  meanings: Map<number, Meaning>
}

/** The verdict on an answer of such a service; undefined where the status tells already. */
export function byCode(answer: HttpAnswer, { service, read, meanings }: Codes): Outcome | undefined {
  if (answer.status < 200 || answer.status >= 300) return undefined
  const body = said(answer)
  const found = body && read(body)
  if (!found) {
    return retry(`${service} did not say yes: what answered may be a proxy or a sign-in page in its place`)
  }
  const { code, words } = found
  if (code === 0) return done
  const meaning = meanings.get(code)
  if (tooFast.test(words))
    return retry(`${service} code ${code}: too fast or too busy`, { after: meaning?.after ?? minute })
  if (!meaning) return drop(`${service} refused it with code ${code}`)
  const reason = `${service} code ${code}: ${meaning.why}`
  return meaning.after === undefined ? drop(reason) : retry(reason, { after: meaning.after })
}

/** `errcode` and `errmsg`, as DingTalk and WeCom answer. */
export function errcode(body: Record<string, unknown>): { code: number; words: string } | undefined {
  return typeof body.errcode === 'number'
    ? { code: body.errcode, words: String(body.errmsg ?? '') }
    : undefined
}

const minute = 60_000
const tooFast = /too (many|fast|frequent)|frequency limit|rate ?limit|out of limit|over limit|busy|try again/i
