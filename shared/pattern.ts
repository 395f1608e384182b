import { RE2JS, RE2JSSyntaxException } from 're2js'
import { better, literalsOf } from './pattern-literals.ts'
import { type Condition, conditionsOf } from './pattern-looks.ts'
import { type Node, parsePattern, type Refuse } from './pattern-syntax.ts'

/** A user's regular expression, ready to ask. `literals`: one of them stands in every text that matches. */
export type Pattern = { source: string; test(text: string): boolean; literals: string[] | undefined }

/** What a pattern may have: the time of a match grows with the instructions of its program, times the text. */
export const patternLimits = { characters: 1024, instructions: 1000 } as const

/** A pattern that cannot be honoured: why, and the offset in its source (0 is the start) where the trouble is. */
export class PatternError extends Error {
  override name = 'PatternError'
  readonly reason: string
  readonly position: number

  constructor(source: string, reason: string, position: number) {
    const shown = source.length > 100 ? `${source.slice(0, 99)}…` : source
    super(`Cannot compile pattern "${shown}": ${reason}`)
    this.reason = reason
    this.position = position
  }
}

/**
 * A pattern in RE2 syntax, matched anywhere in the text in linear time; `.` takes newlines too. Leading look-aheads
 * such as `(?=.*a).*b` are honoured where they can be had as conditions of their own.
 * @throws PatternError with reason and position
 */
export function compilePattern(source: string): Pattern {
  const refuse: Refuse = (reason, position) => {
    throw new PatternError(source, reason, position)
  }
  if (source.length > patternLimits.characters) {
    return refuse(
      `it has ${source.length} characters, at most ${patternLimits.characters} are allowed`,
      patternLimits.characters,
    )
  }
  const tree = parsePattern(source, refuse)
  checkSize(sizeOf(tree), patternLimits.instructions * 4, refuse)
  const conditions = conditionsOf(source, tree, refuse)
  const programs = conditions.map(({ source: part, negative }) => ({
    re: compiled(part, source, refuse),
    negative,
  }))
  checkSize(
    programs.reduce((sum, { re }) => sum + re.programSize(), 0),
    patternLimits.instructions,
    refuse,
  )
  return {
    source,
    test: text => programs.every(({ re, negative }) => re.test(text) !== negative),
    literals: bestLiterals(conditions),
  }
}

function bestLiterals(conditions: Condition[]): string[] | undefined {
  return conditions
    .filter(({ negative }) => !negative)
    .map(({ tree }) => literalsOf(tree))
    .reduce(better, undefined)
}

function compiled(part: string, source: string, refuse: Refuse): RE2JS {
  try {
    return RE2JS.compile(part, RE2JS.DOTALL)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    const piece = error.input ?? ''
    const position = Math.max(source.indexOf(piece), 0)
    return refuse(`${error.error}${piece && ` "${piece}"`} at position ${position}`, position)
  }
}

function checkSize(instructions: number, most: number, refuse: Refuse) {
  if (instructions <= most) return
  refuse(`it takes ${instructions} instructions, at most ${patternLimits.instructions} are allowed`, 0)
}

// What is written out, before the compiler shares beginnings: a rough look that spares it the hopeless ones.
function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'text':
    case 'one':
      return 1
    case 'edge':
      return 0
    case 'look':
      return sizeOf(node.of)
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 0)
    case 'choice':
      return node.options.reduce((sum, option) => sum + sizeOf(option), 0)
    case 'repeat':
      return sizeOf(node.of) * (node.max === Infinity ? Math.max(node.min, 1) : node.max)
  }
}
