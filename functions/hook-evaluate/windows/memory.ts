import { bounded } from '../../../shared/bounded.ts'
import { type Deed, type End, type Request, terms, type Verdict, type Window } from './windows.ts'

type Dedup = {
  start: number
  /** Of the window before it, whose debts it has taken over. */
  before: number | undefined
  owner: string
  claimed: number
  went: boolean
  scheduled: boolean
  ended: boolean
  told: string
  held: number
  since: number
  last: string
  carried: { held: number; since?: number }
}
type Storm = {
  total: number
  held: number
  since: number
  scheduled: boolean
  ended: boolean
  told: string
  reasons: Map<string, number>
  names: Set<string>
}
type Decided = { kind: 'goes'; held: number; since?: number } | { kind: 'threshold' } | Window

// Together some ten megabytes, and all of them only where that many things happen at once.
const most = { groups: 10_000, keys: 10_000, minutes: 1_000, verdicts: 20_000 }

/** Windows that one process has to itself. What is too much is forgotten, the oldest first. */
export function memoryWindows() {
  const groups = bounded<Map<number, number>>(most.groups)
  const keys = bounded<Dedup>(most.keys)
  const minutes = bounded<Storm>(most.minutes)
  const verdicts = bounded<Decided>(most.verdicts)

  function counts({ group, count, window, weight }: NonNullable<Request['threshold']>, now: number): boolean {
    const current = Math.floor(now / Math.ceil(window / terms.slots))
    const slots = groups.get(group) ?? new Map<number, number>()
    let sum = weight
    for (const [slot, counted] of slots) {
      if (slot < current - terms.slots) slots.delete(slot)
      else sum += counted
    }
    if (sum >= count) {
      groups.delete(group)
      return false
    }
    slots.set(current, (slots.get(current) ?? 0) + weight)
    groups.set(group, slots)
    return true
  }

  function dedup(event: string, at: NonNullable<Request['dedup']>, now: number): Decided {
    const before = keys.get(at.key)
    const open = before && !before.ended && now < before.start + at.window ? before : undefined
    if (open?.owner === event) return { kind: 'goes', ...open.carried }
    if (open && !isFree(open, now)) {
      if (open.held++ === 0) open.since = now
      open.last = at.text
      return { kind: 'dedup', key: at.key, start: open.start }
    }
    const carried = carriedOn(before)
    keys.set(at.key, {
      ...{ start: open?.start ?? now, before: open ? open.before : before?.start },
      scheduled: open?.scheduled ?? false,
      ...{ owner: event, claimed: now, went: false, ended: false, told: '' },
      ...{ held: 0, since: 0, last: '', carried },
    })
    return { kind: 'goes', ...carried }
  }

  function storm(hook: string, at: NonNullable<Request['storm']>, now: number): Window | undefined {
    let minute = Math.floor(now / terms.minute)
    if (minutes.get(`${hook} ${minute}`)?.ended) minute++
    const key = `${hook} ${minute}`
    const here = minutes.get(key) ?? calm()
    minutes.set(key, here)
    here.total++
    const before = minutes.get(`${hook} ${minute - 1}`)?.total ?? 0
    if (here.total <= at.limit && before <= at.limit) return undefined
    if (here.held++ === 0) here.since = now
    const known = here.reasons.has(at.reason) || here.reasons.size < terms.mostReasons
    const reason = known ? at.reason : 'other'
    here.reasons.set(reason, (here.reasons.get(reason) ?? 0) + 1)
    if (here.names.size < terms.mostNames) here.names.add(at.name)
    return { kind: 'storm', key: hook, start: minute * terms.minute }
  }

  function decide({ event, hook, ...asked }: Request, now: number): Decided {
    if (asked.threshold && counts(asked.threshold, now)) return { kind: 'threshold' }
    const first = asked.dedup ? dedup(event, asked.dedup, now) : ({ kind: 'goes', held: 0 } as const)
    if (first.kind !== 'goes' || !asked.storm) return first
    return storm(hook, asked.storm, now) ?? first
  }

  function verdictOf(decided: Decided): Verdict {
    if (decided.kind === 'goes' || decided.kind === 'threshold') return decided
    const here = held(decided)
    return { kind: 'held', window: decided, scheduled: here?.scheduled ?? isFollowed(decided) }
  }

  function held({ kind, key, start }: Window): Dedup | Storm | undefined {
    if (kind === 'storm') return minutes.get(`${key} ${start / terms.minute}`)
    const here = keys.get(key)
    return here?.start === start ? here : undefined
  }

  const isFollowed = ({ kind, key, start }: Window) => kind === 'dedup' && keys.get(key)?.before === start

  return {
    judge: (requests: Request[], now: number): Verdict[] =>
      requests.map(request => {
        const key = `${request.hook} ${request.event}`
        const decided = verdicts.get(key) ?? decide(request, now)
        verdicts.set(key, decided)
        return verdictOf(decided)
      }),
    settle(deeds: Deed[]): void {
      for (const deed of deeds) {
        const here = 'window' in deed ? held(deed.window) : keys.get(deed.key)
        if (deed.kind === 'freed') verdicts.delete(`${deed.hook} ${deed.event}`)
        if (!here) continue
        if (deed.kind === 'told') here.told = deed.by
        else if (deed.kind === 'scheduled') here.scheduled = true
        else if (deed.kind === 'over') here.ended = true
        else if ('owner' in here && here.owner === deed.event) {
          here.went = deed.kind === 'went'
          if (deed.kind === 'freed') here.owner = ''
        }
      }
    },
    end(window: Window, by: string): End {
      const here = held(window)
      if (!here) return { kind: isFollowed(window) ? 'told' : 'forgotten' }
      if (here.told && here.told !== by) return { kind: 'told' }
      here.ended = true
      return {
        ...{ kind: 'held', count: here.held, since: here.since },
        ...('last' in here && here.last !== '' && { last: here.last }),
        reasons: 'reasons' in here ? Object.fromEntries(here.reasons) : {},
        names: 'names' in here ? [...here.names] : [],
      }
    },
  }
}

const isFree = ({ owner, went, claimed }: Dedup, now: number) =>
  owner === '' || (!went && now - claimed >= terms.claim)

/** What has been held back and not been told, which the next one tells. */
function carriedOn(before: Dedup | undefined): Dedup['carried'] {
  if (!before) return { held: 0 }
  const since: number[] = []
  let held = 0
  if (!before.told && before.held > 0) {
    held += before.held
    since.push(before.since)
  }
  if (!before.went && before.carried.held > 0) {
    held += before.carried.held
    since.unshift(before.carried.since ?? 0)
  }
  return since[0] === undefined ? { held } : { held, since: since[0] }
}

const calm = (): Storm => ({
  ...{ total: 0, held: 0, since: 0, scheduled: false, ended: false, told: '' },
  ...{ reasons: new Map(), names: new Set() },
})
