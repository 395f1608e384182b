import { engineOf } from '../../functions/hook-evaluate/engine.ts'
import type { EngineHook } from '../../functions/hook-evaluate/hook-index.ts'
import { judge } from '../../functions/hook-evaluate/match.ts'
import { readableText } from '../../shared/readable.ts'
import { subjectMatches } from '../../shared/subject.ts'
import { eventOf, hundred, plurals, reasons, words } from './load.ts'
import { type Pick, picker } from './pick.ts'
import { judged, type Row } from './row.ts'

// Fixed seeds: every run measures the same hooks and events.
const rounds = 7

type Event = { json: string; text: string }

type Case = { name: string; rounds: number[]; run(): void; events: number }

/** CPU time of deciding which hooks fire for one event, parsing it included; its text is rendered beforehand. */
export async function matching(): Promise<Row[]> {
  const events = eventsOf(2000)
  const rows: Row[] = []
  for (const mix of ['selective', 'broad'] as const) {
    const cases = new Map<string, Case>()
    for (const count of [10, 1000, 10_000]) {
      const hooks = hooksOf(mix, count)
      cases.set(`engine ${count}`, engineCase(`${mix} mix, ${count} hooks`, hooks, events))
    }
    cases.set(
      'loop 1000',
      loopCase(`${mix} mix, 1000 hooks, one by one`, hooksOf(mix, 1000), events.slice(0, 40)),
    )
    measure([...cases.values()])
    const ten = cost(cases.get('engine 10'))
    rows.push(row(cases.get('engine 10'), 'JSON.parse alone', parseCost(events)))
    rows.push(judged(row(cases.get('engine 1000'), '10 hooks', ten), { atMost: 2 }))
    rows.push(judged(row(cases.get('engine 10000'), '10 hooks', ten), { atMost: 4 }))
    rows.push(row(cases.get('loop 1000'), '1000 hooks in the engine', cost(cases.get('engine 1000'))))
  }
  return [...rows, ...regexRows(events), buildRow()]
}

function regexRows(events: Event[]): Row[] {
  const hooks = regexHooks(1000)
  const compiled = hooks.map(hook => hook.include.map(source => new RegExp(source, 's')))
  const engine = engineCase('1000 regex hooks', hooks, events)
  const loop: Case = {
    name: '1000 regex hooks, V8 RegExp one by one',
    rounds: [],
    events: 40,
    run: () => {
      for (const { json, text } of events.slice(0, 40)) {
        JSON.parse(json)
        for (const patterns of compiled) patterns.some(pattern => pattern.test(text))
      }
    },
  }
  measure([engine, loop])
  return [
    row(engine, 'V8 RegExp one by one', cost(loop)),
    judged(row(loop, 'the engine', cost(engine)), { atLeast: 40 }),
  ]
}

function buildRow(): Row {
  const [few, many] = [hooksOf('selective', 1000), hooksOf('selective', 10_000)]
  const time = (hooks: EngineHook[]) => {
    const started = performance.now()
    engineOf(hooks)
    return performance.now() - started
  }
  const pairs = Array.from({ length: rounds }, () => [time(few), time(many)] as const)
  const value = median(pairs.map(([, of10000]) => of10000))
  const ratio = value / median(pairs.map(([of1000]) => of1000))
  return { name: 'build, 10000 hooks', value, unit: 'ms', against: 'build, 1000 hooks', ratio }
}

function engineCase(name: string, hooks: EngineHook[], events: Event[]): Case {
  const engine = engineOf(hooks)
  return {
    name,
    rounds: [],
    events: events.length,
    run: () => {
      for (const { json, text } of events) engine.firing(JSON.parse(json).subject, () => text)
    },
  }
}

function loopCase(name: string, hooks: EngineHook[], events: Event[]): Case {
  return {
    name,
    rounds: [],
    events: events.length,
    run: () => {
      for (const { json, text } of events) {
        const { subject } = JSON.parse(json)
        hooks.filter(hook => subjectMatches(hook.subject, subject) && judge(hook, text).fires)
      }
    },
  }
}

function parseCost(events: Event[]): number {
  const parse: Case = {
    name: 'JSON.parse',
    rounds: [],
    events: events.length,
    run: () => {
      for (const { json } of events) JSON.parse(json)
    },
  }
  measure([parse])
  return cost(parse)
}

// Interleaved, so that a change of the machine's pace meets all alike; the first round warms up and is not counted.
function measure(cases: Case[]) {
  for (let round = 0; round <= rounds; round++) {
    for (const one of cases) {
      let runs = 0
      const started = process.cpuUsage()
      let spent = 0
      while (spent < 150_000) {
        one.run()
        runs++
        const { user, system } = process.cpuUsage(started)
        spent = user + system
      }
      if (round > 0) one.rounds.push(spent / (runs * one.events))
    }
  }
}

const cost = (one: Case | undefined) => median(one?.rounds ?? [])
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function row(one: Case | undefined, against: string, other: number): Row {
  const value = cost(one)
  return { name: one?.name ?? '', value, unit: 'us/event', against, ratio: value / other }
}

function hooksOf(mix: 'selective' | 'broad', count: number): EngineHook[] {
  const pick = picker(count)
  return Array.from({ length: count }, (_, index) => ({
    id: `bench/hook-${index}`,
    subject: mix === 'broad' ? broadSubject(pick) : selectiveSubject(pick),
    include: [pick(words), pick(words), pick(words)],
    exclude: [pick(reasons)],
    matchMode: 'ANY',
    matchType: 'CONTAINS',
  }))
}

function regexHooks(count: number): EngineHook[] {
  const pick = picker(count)
  const forms = [
    (word: string) => `\\b${word}\\b`,
    (word: string) => `${word}.{0,20}restart`,
    (word: string) => `pod \\d+ of ${word}`,
    (word: string) => `^cluster: .*${word}`,
  ]
  return Array.from({ length: count }, (_, index) => ({
    id: `bench/regex-${index}`,
    subject: 'ops.>',
    include: [pick(forms)(pick(words))],
    exclude: [],
    matchMode: 'ANY',
    matchType: 'REGEX',
  }))
}

function selectiveSubject(pick: Pick): string {
  const [cluster, namespace, kind] = [`c${pick(hundred)}`, `ns${pick(hundred)}`, pick(plurals)]
  const part = pick(hundred)
  if (part < 45) return `ops.clusters.${cluster}.namespaces.${namespace}.>`
  if (part < 70) return `ops.clusters.${cluster}.namespaces.${namespace}.${kind}.*.events`
  if (part < 85) return `ops.clusters.*.namespaces.${namespace}.>`
  if (part < 95) return `ops.clusters.${cluster}.namespaces.*.${kind}.*.events`
  return part < 99 ? `ops.clusters.*.namespaces.*.${kind}.p${pick(hundred)}.events` : 'ops.>'
}

function broadSubject(pick: Pick): string {
  return pick(hundred) < 50 ? 'ops.>' : `ops.clusters.*.namespaces.*.${pick(plurals)}.p${pick(hundred)}.*`
}

function eventsOf(count: number): Event[] {
  const pick = picker(1)
  return Array.from({ length: count }, (_, index) => {
    const event = {
      ...eventOf(index, pick),
      id: `5b2f6d4c-0000-5000-8000-${String(index).padStart(12, '0')}`,
    }
    const text = readableText(event)
    // Asking for a letter flattens what a template string has only strung together.
    text.charCodeAt(0)
    return { json: JSON.stringify(event), text }
  })
}
