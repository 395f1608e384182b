import { z } from 'zod'

const Line = z.looseObject({
  level: z.union([z.string(), z.number()]),
  msg: z.string().default(''),
  time: z.union([z.string(), z.number()]).optional(),
})

const words: Record<string, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

// Known from the name before the line.
const untold = new Set(['level', 'msg', 'time', 'pid', 'hostname', 'name'])

/** A JSON log line as `time level msg key=value …`; any other line as it is. */
export function readable(line: string): string {
  const parsed = parse(line)
  if (!parsed) return line
  const at = parsed.time === undefined ? '' : `${clock(parsed.time)} `
  const level = String(words[parsed.level] ?? parsed.level).padEnd(5)
  const rest = Object.entries(parsed)
    .filter(([key]) => !untold.has(key))
    .map(([key, value]) => ` ${key}=${show(value)}`)
  return `${at}${level} ${parsed.msg}${rest.join('')}`
}

function parse(line: string) {
  if (!line.startsWith('{')) return undefined
  try {
    return Line.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

function clock(time: string | number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(11, 23)
}

function show(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value) ?? 'undefined'
}
