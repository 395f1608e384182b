import { isObject, isRaw } from './json.ts'

/** JSON as every database holds it: what none does is replaced, and it is told whether anything was. */
export function storable(value: unknown): { value: unknown; cleaned: boolean } {
  const text = JSON.stringify(value)
  if (text === undefined || !suspicious.test(text)) return { value: value ?? null, cleaned: false }
  const clean = replaced(value)
  return { value: clean, cleaned: JSON.stringify(clean) !== text }
}

// As JSON writes NUL and halves of surrogate pairs; and numbers that are kept as they were written. All of these, and
// texts that look so.
const suspicious = /\\u0000|\\ud[89a-f][0-9a-f]{2}|(?:^|[:,[])-?\d[\d.]*[eE][+-]?\d{4}|[\d.]{900}/

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return text(value)
  if (isRaw(value)) return number(value)
  if (Array.isArray(value)) return value.map(replaced)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [text(name), replaced(inner)]))
}

const text = (given: string) => given.replaceAll('\0', '\ufffd').toWellFormed()

/** `1e400000` becomes a text. */
function number(raw: unknown): unknown {
  const written = JSON.stringify(raw)
  return /e[+-]?\d{4}/i.test(written) || written.length > 1000 ? written : raw
}
