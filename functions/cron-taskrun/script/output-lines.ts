import type { Finding } from '../executor.ts'

const longest = 256 * 1024
const mostFindings = 100
/** In characters; hundreds of hosts may find something at once. */
const mostOfFindings = 1024 * 1024
const mostResults = 100
const mostOfResult = 32 * 1024
const controls = /[^\P{Cc}\t\n\r]/gu

/** Reads the lines by which a script says something: `OPS_RESULT:key=value` and `OPS_FINDING:{json}`. */
export function lineReader() {
  const results = new Map<string, string>()
  const findings: Finding[] = []
  let line = ''
  let skipped = false
  let refused = 0
  let size = 0

  const ended = () => {
    if (skipped)
      note(`A line of more than ${longest} bytes was printed: no finding or result is read from it`)
    else read(line)
    line = ''
    skipped = false
  }
  const add = (text: string) => {
    if (skipped || (line.length > 20 && !/^\s*OPS_/.test(line))) return
    line += text
    // Only what could be for us is worth a word.
    if (line.length > longest && /^\s*OPS_(FINDING|RESULT):/.test(line)) skipped = true
    if (line.length > longest) line = line.slice(0, 100)
  }
  const note = (problem: string) => {
    if (findings.length < mostFindings) findings.push({ problem })
    else refused++
  }
  const read = (text: string) => {
    const said = /^\s*OPS_(FINDING|RESULT):(.*)$/s.exec(text)
    if (!said) return
    const value = (said[2] ?? '').replaceAll(controls, '').trim()
    if (said[1] === 'RESULT') for (const [key, result] of resultsIn(value)) keep(key, result)
    else if (findings.length >= mostFindings || size + value.length > mostOfFindings) refused++
    else {
      size += value.length
      findings.push(findingIn(value))
    }
  }
  const keep = (key: string, value: string) => {
    if (results.has(key) || results.size < mostResults) results.set(key, value.slice(0, mostOfResult))
  }
  return {
    push(text: string) {
      const [first = '', ...more] = text.split('\n')
      add(first)
      for (const next of more) {
        ended()
        add(next)
      }
    },
    end() {
      ended()
      const last: Finding[] = refused
        ? [
            {
              problem: `${refused} more findings were printed: a step may have ${mostFindings}, of ${mostOfFindings >> 20} MiB together`,
            },
          ]
        : []
      return { results: Object.fromEntries(results), findings: [...findings, ...last] }
    },
  }
}

function resultsIn(text: string): [string, string][] {
  const parsed = text.startsWith('{') ? parsedObject(text) : undefined
  if (parsed) {
    return Object.entries(parsed).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
  }
  const pair = /^([^=:\s]+)\s*[=:]\s*(.*)$/s.exec(text)
  return pair ? [[pair[1] ?? '', pair[2] ?? '']] : []
}

function findingIn(text: string): Finding {
  const data = parsedObject(text)
  if (data) return { data }
  const start = text.length > 60 ? `${text.slice(0, 59)}…` : text
  return { problem: `OPS_FINDING: has to be followed by a JSON object, and was by ${JSON.stringify(start)}` }
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
