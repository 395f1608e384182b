import { z } from 'zod'
import { endScript, judgeScript, settleScript } from './scripts.ts'
import type { Deed, End, Request, Verdict, Window } from './windows.ts'

/** Runs a script; undefined while Redis is away. */
export type Run = (script: string, args: string[]) => Promise<unknown>

/** Windows that all processes share. Every answer is undefined while Redis is away. */
export function redisWindows(run: Run) {
  return {
    async judge(requests: Request[], now: number): Promise<Verdict[] | undefined> {
      const { data } = Answers.safeParse(await run(judgeScript, [String(now), JSON.stringify(requests)]))
      if (data?.length !== requests.length) return undefined
      return requests.map((request, at) => verdictOf(data[at] ?? '', request))
    },
    async settle(deeds: Deed[], now: number): Promise<void> {
      await run(settleScript, [String(now), JSON.stringify(deeds)])
    },
    async end(window: Window, by: string): Promise<End | undefined> {
      const answer = await run(endScript, ['0', JSON.stringify({ window, by })])
      if (answer === 'forgotten' || answer === 'told') return { kind: answer }
      const fields = Answers.safeParse(answer)
      return fields.success ? endOf(fields.data) : undefined
    },
  }
}

const Answers = z.array(z.string())

function verdictOf(answer: string, { hook, dedup }: Request): Verdict {
  const [kind, first, second] = answer.split(':')
  if (kind === 'threshold') return { kind }
  if (kind === 'goes')
    return { kind, held: Number(first), ...(second && Number(first) > 0 && { since: Number(second) }) }
  const window: Window =
    kind === 'dedup'
      ? { kind, key: dedup?.key ?? '', start: Number(first) }
      : { kind: 'storm', key: hook, start: Number(first) }
  return { kind: 'held', window, scheduled: second === '1' }
}

function endOf(answer: string[]): End {
  const fields = new Map<string, string>()
  for (let at = 0; at < answer.length; at += 2) fields.set(answer[at] ?? '', answer[at + 1] ?? '')
  const under = (prefix: string) =>
    [...fields].flatMap(([name, value]): [string, number][] =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), Number(value)]] : [],
    )
  const last = fields.get('last')
  return {
    kind: 'held',
    count: Number(fields.get('held') ?? 0),
    since: Number(fields.get('since') ?? 0),
    ...(last && { last }),
    reasons: Object.fromEntries(under('reason:')),
    names: under('name:')
      .sort(([, a], [, b]) => a - b)
      .map(([name]) => name),
  }
}
