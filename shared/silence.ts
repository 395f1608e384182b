import { z } from 'zod'
import { duration } from './duration.ts'
import type { OpsEvent } from './event.ts'
import { parseJson } from './json.ts'
import { nameProblem, textNamed } from './named.ts'
import { compilePattern, type Pattern, PatternError } from './pattern.ts'
import { recurrenceOf } from './recurrence.ts'
import { type SilenceState, statesOf } from './silence-state.ts'
import { patternProblem, subjectMatches } from './subject.ts'

const Time = z.iso.datetime({ offset: true, error: 'it has to be a time such as 2026-01-31T22:00:00Z' })

/** Alertmanager's matchers: a name (attribute, or `data.x`), and what its value has to be or not to be. RE2, anchored. */
export const Matcher = z.strictObject({
  name: z.string().min(1).max(128),
  op: z.enum(['=', '!=', '=~', '!~']).default('='),
  value: z.string().max(1024),
})
export type Matcher = z.infer<typeof Matcher>

/** `spec` of a Silence: which events no hook notifies about, and when. */
export const SilenceSpec = z.strictObject({
  subject: z.string().default('ops.>').describe('Subject pattern in NATS syntax'),
  matchers: z.array(Matcher).max(32).default([]).describe('Each has to hold'),
  hooks: z
    .array(z.string())
    .max(100)
    .default([])
    .describe('Only for these hooks, namespace/name; none given: for all'),
  from: Time.optional().describe('Not before'),
  until: Time.optional().describe('Not after; with from or alone, or with a schedule its end'),
  schedule: z
    .strictObject({
      cron: z.string().min(1).max(128).describe('Five fields; when each one begins'),
      duration: duration(60_000, 7 * 24 * 3_600_000).describe('How long each one lasts, such as 2h'),
      timeZone: z.string().default('UTC'),
    })
    .optional()
    .describe('Recurring, such as every Saturday night'),
  comment: z.string().max(1024).default(''),
  author: z.string().max(253).default(''),
})
export type SilenceSpec = z.infer<typeof SilenceSpec>

const Stored = z.object({ namespace: z.string(), name: z.string(), spec: SilenceSpec })

/** A silence with its name; `id` is `namespace/name`. */
export type Silence = { id: string; namespace: string; name: string; spec: SilenceSpec }

/** How a silence stands at `now`, in Unix ms. */
export const stateOf = (silence: Silence, now: number): SilenceState => readyOf(silence).state(now)

/** Which of the silences, if any, keeps a hook from telling of an event at `now`, in Unix ms. */
export function silencing(
  silences: readonly Silence[],
  now: number,
): (event: OpsEvent, hookId: string) => Silence | undefined {
  const active = silences.map(readyOf).filter(({ state }) => state(now).state === 'active')
  return (event, hookId) => active.find(({ covers }) => covers(event, hookId))?.silence
}

/** A silence, compiled. */
type Ready = {
  silence: Silence
  state(now: number): SilenceState
  covers(event: OpsEvent, hookId: string): boolean
}

const compiled = new WeakMap<Silence, Ready>()

function readyOf(silence: Silence): Ready {
  const known = compiled.get(silence)
  if (known) return known
  const { subject, matchers, hooks } = silence.spec
  const pattern = subject.toLowerCase()
  const asked = matchers.map(holds)
  const ready: Ready = {
    silence,
    state: statesOf(silence.spec),
    covers: (event, hookId) =>
      (hooks.length === 0 || hooks.includes(hookId)) &&
      subjectMatches(pattern, event.subject ?? '') &&
      asked.every(holds => holds(event)),
  }
  compiled.set(silence, ready)
  return ready
}

// As in Alertmanager a name that stands for nothing is the same as an empty text.
function holds({ name, op, value }: Matcher): (event: OpsEvent) => boolean {
  const text = (event: OpsEvent) => textNamed(event, name) ?? ''
  switch (op) {
    case '=':
      return event => text(event) === value
    case '!=':
      return event => text(event) !== value
    case '=~':
    case '!~': {
      const pattern = anchored(value)
      return event => pattern.test(text(event)) === (op === '=~')
    }
  }
}

/** @throws PatternError */
function anchored(source: string): Pattern {
  // By itself too: `a)|(b` would only be one with what is put around it.
  compilePattern(source)
  return compilePattern(`^(?:${source})$`)
}

/** What is wrong with a field of a silence's spec, and what would be right. */
export type SilenceProblem = { path: (string | number)[]; problem: string }

/** What keeps a silence of the right shape from being honoured. */
export function silenceProblems(spec: SilenceSpec): SilenceProblem[] {
  const { subject, matchers, hooks, from, until, schedule } = spec
  const problems: SilenceProblem[] = []
  const wrong = (path: SilenceProblem['path'], problem: string | undefined) => {
    if (problem !== undefined) problems.push({ path, problem })
  }
  wrong(['subject'], subjectTrouble(subject.toLowerCase()))
  for (const [index, { name, op, value }] of matchers.entries()) {
    wrong(['matchers', index, 'name'], nameProblem(name))
    if (op === '=~' || op === '!~') wrong(['matchers', index, 'value'], regexTrouble(value))
  }
  for (const [index, hook] of hooks.entries())
    if (!/^[^/\s]+\/[^/\s]+$/.test(hook))
      wrong(['hooks', index], `it is "${hook}", it has to be namespace/name`)
  if (from !== undefined && until !== undefined && Date.parse(until) <= Date.parse(from))
    wrong(['until'], `it is "${until}", which is not after from, "${from}"`)
  if (until === undefined && !schedule)
    wrong(['until'], 'it is missing: a silence has an end or a schedule, and a hook can be suspended instead')
  if (schedule) wrong(['schedule'], scheduleTrouble(schedule))
  return problems
}

/** A silence as it lies in its bucket, under `resource.{namespace}.{name}` or `api.{namespace}.{name}`. */
export function storedSilence(text: string): { silence: Silence } | SilenceProblem {
  const parsed = parseJson(text)
  const stored = Stored.safeParse('value' in parsed ? parsed.value : undefined)
  if (!stored.success) {
    const [issue] = stored.error.issues
    return {
      path: (issue?.path ?? []).map(step => (typeof step === 'number' ? step : String(step))),
      problem: issue?.message ?? '',
    }
  }
  const { namespace, name, spec } = stored.data
  const [problem] = silenceProblems(spec)
  return problem ?? { silence: { id: `${namespace}/${name}`, namespace, name, spec } }
}

function subjectTrouble(subject: string): string | undefined {
  const problem = patternProblem(subject)
  if (problem) return `it is "${subject}", which is no subject pattern: ${problem}`
  if (/^(ops|\*|>)(\.|$)/.test(subject)) return undefined
  return `it is "${subject}", which no event has: all are below "ops."`
}

function regexTrouble(source: string): string | undefined {
  try {
    anchored(source)
    return undefined
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `"${source}" cannot be honoured as a regular expression: ${error.reason}`
  }
}

function scheduleTrouble({ cron, timeZone }: NonNullable<SilenceSpec['schedule']>): string | undefined {
  try {
    const never = recurrenceOf(cron, timeZone).next(0) === undefined
    return never ? `"${cron}" never comes` : undefined
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return error.message
  }
}
