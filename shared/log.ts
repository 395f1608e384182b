import { pino } from 'pino'

/** One JSON object a line on standard output: `level`, `time`, `name`, `msg` and the fields of the call. */
export type Log = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The log of a process; `name` is the process's. */
export const logOf = (name: string, level: string): Log =>
  pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
  })

/** What a log line, an error body or a dead letter may show of an unknown error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
