import type { Browser, Cover, Places, Stored } from '../../../shared/adapters/browse.ts'
import { contentsOf, hookOf } from './letter.ts'
import { isAmbiguous, isChosen, patternOf, type Selector } from './selector.ts'

/** So many letters are looked at for one answer at most; it says where to go on. */
export const mostLooked = 10_000

/** Letters that were found. `next`: from there on there may be more. `partial`: there may be more than the total. */
export type Found = { letters: Cover[]; next?: number; total?: number; partial?: true }

/** Where letters are looked for. */
type Where = { browser: Browser; selector: Selector }

/** From the newest on, those after `skip`, `most` of them; `below` a place, and `counted` where it is wanted. */
export async function newest(
  { browser, selector }: Where,
  {
    below,
    skip,
    most,
    counted,
  }: { below?: number | undefined; skip: number; most: number; counted: boolean },
): Promise<Found> {
  const places = await placesOf(browser, selector)
  if (below !== undefined) places.last = Math.min(places.last, below - 1)
  const pattern = patternOf(selector)
  // The server counts what it can tell by the subject.
  const byUs = selector.reason !== undefined || selector.hook !== undefined
  const total = counted && !byUs ? await browser.count(pattern, places) : undefined
  const letters: Cover[] = []
  let [looked, matched, next] = [0, 0, 0]
  let isPartial = false
  for await (const cover of browser.backward(pattern, places)) {
    const isFull = letters.length === most
    if (looked === mostLooked || (isFull && !(counted && byUs))) {
      next ||= cover.seq + 1
      isPartial = looked === mostLooked && counted && byUs
      break
    }
    looked++
    if (!(await isAmong(browser, selector, cover))) continue
    matched++
    if (isFull) next ||= cover.seq + 1
    else if (matched > skip) letters.push(cover)
  }
  return {
    letters,
    ...(next > 0 && { next }),
    ...(counted && { total: total ?? matched }),
    ...(isPartial && { partial: true }),
  }
}

/** From the oldest on, `most` of them; `above` a place. */
export async function oldest(
  { browser, selector }: Where,
  { above, most }: { above?: number | undefined; most: number },
): Promise<Found> {
  const places = await placesOf(browser, selector)
  if (above !== undefined) places.first = Math.max(places.first, above + 1)
  const letters: Cover[] = []
  let looked = 0
  for await (const cover of browser.forward(patternOf(selector), places)) {
    if (letters.length === most || looked === mostLooked) return { letters, next: cover.seq - 1 }
    looked++
    if (await isAmong(browser, selector, cover)) letters.push(cover)
  }
  return { letters }
}

const placesOf = (browser: Browser, { start_time, end_time }: Selector): Promise<Places> =>
  browser.places(start_time, end_time)

async function isAmong(browser: Browser, selector: Selector, cover: Cover): Promise<boolean> {
  if (!isChosen(selector, cover)) return false
  if (!isAmbiguous(selector.hook)) return true
  const letter = await browser.get(cover.seq)
  return letter !== undefined && hookOf(contentsOf(letter)) === selector.hook
}

/** Is a letter at hand, looked up by its place, among the chosen? */
export function isOneOf(selector: Selector, letter: Stored): boolean {
  const { start_time = 0, end_time = Number.POSITIVE_INFINITY, trigger, hook } = selector
  if (letter.stored < start_time || letter.stored > end_time) return false
  if (trigger && letter.subject.split('.')[1] !== trigger) return false
  if (!isChosen(selector, { ...letter, bytes: letter.payload.length })) return false
  return !isAmbiguous(hook) || hookOf(contentsOf(letter)) === hook
}
