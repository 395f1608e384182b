import { compilePattern } from '../../shared/pattern.ts'

/** One of the alternatives of a regular expression, and whether it begins and ends where its value does. */
type Branch = { body: string; begins: boolean; ends: boolean }

/** A pattern over one value, or why it cannot be asked of a part of a text. `never`: event-exporter cannot read it. */
export type Read = { flags: string; branches: Branch[] } | { never: string } | { problem: string }

/** Takes a pattern of Go apart, as far as it has to be known where a value begins and ends. */
export function readPattern(source: string): Read {
  try {
    compilePattern(source)
  } catch (error) {
    return { never: error instanceof Error ? error.message : String(error) }
  }
  const [, ignoring = '', rest = ''] = /^(\(\?i\))?(.*)$/s.exec(source) ?? []
  const branches = alternativesOf(unwrapped(rest)).map(branchOf)
  const problem = branches.map(({ body }) => problemOf(body)).find(one => one !== undefined)
  return problem ? { problem } : { flags: ignoring === '' ? '' : 'i', branches }
}

/** Does any text match, also an empty one? */
export const isAlways = (read: Extract<Read, { branches: Branch[] }>): boolean =>
  read.branches.some(
    ({ body, begins, ends }) => !(begins && ends) && compilePattern(`^(?:${body})$`).test(''),
  )

/** Does the empty text match? */
export const takesNothing = (source: string): boolean => compilePattern(source).test('')

/** The texts that a pattern names outright: `^a$|^b$`, or with `begins` and `ends` where it says less. */
export function literalsOf(source: string): (Branch & { text: string })[] | undefined {
  const read = readPattern(source)
  if (!('branches' in read) || read.flags !== '') return undefined
  const inside = read.branches.flatMap(({ body, begins, ends }) =>
    alternativesOf(unwrapped(body)).map(part => ({ body: part, begins, ends })),
  )
  const texts = inside.map(branch => ({ ...branch, text: plainText(branch.body) }))
  return texts.every(isKnown) ? texts : undefined
}

const isKnown = <T extends { text: string | undefined }>(one: T): one is T & { text: string } =>
  one.text !== undefined

// Every sign that means something has to be escaped to be itself.
const plainText = (body: string): string | undefined =>
  /^(?:[^\\.^$|?*+()[\]{}]|\\[.\-/+^$|?*()[\]{}\\])+$/.test(body)
    ? body.replaceAll(/\\(.)/g, '$1')
    : undefined

/** The pieces of a pattern: what is escaped, classes, groups' ends, single signs. */
const piecesOf = (source: string): string[] =>
  source.match(
    /\\Q[\s\S]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|[\s\S]/g,
  ) ?? []

function alternativesOf(source: string): string[] {
  const found = ['']
  let depth = 0
  for (const piece of piecesOf(source)) {
    if (piece === '(') depth++
    if (piece === ')') depth--
    if (piece === '|' && depth === 0) found.push('')
    else found[found.length - 1] += piece
  }
  return found
}

// (a|b) -> a|b
function unwrapped(source: string): string {
  const pieces = piecesOf(source)
  if (pieces[0] !== '(' || pieces.at(-1) !== ')') return source
  let depth = 0
  const closes = pieces.findIndex(piece => {
    if (piece === '(') depth++
    if (piece === ')') depth--
    return depth === 0
  })
  if (closes !== pieces.length - 1) return source
  const inside = pieces.slice(1, -1).join('')
  if (!inside.startsWith('?')) return unwrapped(inside)
  return inside.startsWith('?:') ? unwrapped(inside.slice(2)) : source
}

function branchOf(source: string): Branch {
  const pieces = piecesOf(source)
  const begins = ['^', '\\A'].includes(pieces[0] ?? '')
  const ends = ['$', '\\z'].includes(pieces.at(-1) ?? '') && pieces.length > (begins ? 1 : 0)
  return { body: pieces.slice(begins ? 1 : 0, ends ? -1 : undefined).join(''), begins, ends }
}

/** What means something else in the middle of a text than at its ends. */
function problemOf(body: string): string | undefined {
  for (const piece of piecesOf(body)) {
    if (['^', '$', '\\A', '\\z'].includes(piece)) return `"${piece}" stands inside of it`
    if (
      piece.startsWith('\\P') ||
      /^\[(?!\^).*(\\[DWSP]|\[:\^)/s.test(piece) ||
      piece === '\\n' ||
      piece === '\n'
    )
      return `"${piece}" may match the end of a line`
  }
  return /\(\?[a-zA-Z-]*[smU]/.test(body) ? 'it sets flags' : undefined
}

/** The same, over a value that has no line break: what else would match one does not. */
export const withinLine = (body: string): string =>
  piecesOf(body)
    .map(piece => sameLine[piece] ?? (piece.startsWith('[^') ? `[^\\n${piece.slice(2)}` : piece))
    .join('')

const sameLine: Record<string, string> = { '\\s': '[\\t\\f\\r ]', '\\W': '[^\\w\\n]', '\\D': '[^\\d\\n]' }
