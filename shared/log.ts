/** One JSON object a line on standard output: `level`, `time`, `name`, the fields of the call, and `msg`. */
export type Log = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const levels = ['debug', 'info', 'warn', 'error', 'silent']
const nothing = () => {}

/** The log of a process; `name` is the process's. Lines below `level` are not written, and none where it is `silent`. */
export function logOf(name: string, level: string): Log {
  const at = (word: string) =>
    levels.indexOf(word) < levels.indexOf(level)
      ? nothing
      : (fields: object, msg: string) =>
          write({ level: word, time: new Date().toISOString(), name, ...fields, msg })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

let listens = false

function write(line: object): void {
  // Whoever read the lines may be gone: that is no reason to end.
  if (!listens) process.stdout.on('error', nothing)
  listens = true
  process.stdout.write(`${JSON.stringify(line, readable)}\n`)
}

/** An error has no fields of its own that JSON would show. */
const readable = (_: string, value: unknown): unknown => {
  if (value instanceof Error) return { type: value.name, message: value.message, stack: value.stack }
  return typeof value === 'bigint' ? String(value) : value
}

/** What a log line, an error body or a dead letter may show of an unknown error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
