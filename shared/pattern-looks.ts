import type { Edge, Flags, Look, Node, Refuse } from './pattern-syntax.ts'

/** A condition on the whole text: it matches the pattern `source` somewhere, or does not where `negative`. */
export type Condition = { source: string; tree: Node; negative: boolean }

/**
 * A pattern as conditions without look-aheads, all of which hold exactly when the pattern matches somewhere.
 *
 * With `^` in front there is one place to look from, so that every leading look-ahead is a condition of its own.
 * Without, look-aheads and rest have to hold from one common place. Where each starts with `.*` (which takes newlines
 * too), holding from some place implies holding from the start of the text, and the place need not be common.
 */
export function conditionsOf(source: string, tree: Node, refuse: Refuse): Condition[] {
  const looks = looksIn(tree)
  const [first] = looks
  if (!first) return [{ source, tree, negative: false }]
  const parts = tree.kind === 'sequence' ? tree.parts : []
  const leading = leadingOf(parts)
  const last = leading.at(-1)
  const misplaced = looks.find(look => !leading.includes(look))
  if (misplaced || !last) return cannot(misplaced ?? first, 'only at the start of the whole pattern', refuse)
  const anchored = leading.some(part => part.kind === 'edge')
  const rest: Node = { kind: 'sequence', parts: parts.slice(leading.length) }
  if (!anchored) checkFloating(looks, rest, refuse)

  const start = anchored ? '\\A' : ''
  const conditions: Condition[] = looks.map(look => ({
    source: `${prefix(look.flags)}${start}(?:${source.slice(look.from, look.to)})`,
    tree: look.of,
    negative: look.negative,
  }))
  // Not in a group: an unclosed \Q at the end would take the bracket in.
  const end = prefix(last.flags) + start + source.slice(last.end)
  return [...conditions, { source: end, tree: rest, negative: false }]
}

function checkFloating(looks: Look[], rest: Node, refuse: Refuse) {
  for (const look of looks) {
    if (look.negative) return cannot(look, 'only after "^"', refuse)
    if (floats(look.of) && floats(rest)) continue
    return cannot(look, 'only after "^", or where both it and what follows start with ".*"', refuse)
  }
}

function cannot(look: Look, where: string, refuse: Refuse): never {
  const name = `${look.negative ? 'negative ' : ''}look-ahead at position ${look.at}`
  return refuse(`${name} is not in RE2 syntax, and can be replaced ${where}`, look.at)
}

function prefix({ fold, lines, dotAll }: Flags): string {
  const letters = `${fold ? 'i' : ''}${lines ? 'm' : ''}${dotAll ? '' : '-s'}`
  return letters && `(?${letters})`
}

function leadingOf(parts: Node[]): (Look | Edge)[] {
  const leading: (Look | Edge)[] = []
  for (const part of parts) {
    if (part.kind !== 'look' && !(part.kind === 'edge' && part.start)) break
    leading.push(part)
  }
  return leading
}

function looksIn(node: Node): Look[] {
  switch (node.kind) {
    case 'look':
      return [node, ...looksIn(node.of)]
    case 'sequence':
      return node.parts.flatMap(looksIn)
    case 'choice':
      return node.options.flatMap(looksIn)
    case 'repeat':
      return looksIn(node.of)
    case 'text':
    case 'one':
    case 'edge':
      return []
  }
}

/** Does a match from one place imply a match from every earlier place? */
function floats(node: Node): boolean {
  if (node.kind === 'choice') return node.options.every(floats)
  return startsWithAny(node) || matchesNothing(node)
}

function startsWithAny(node: Node): boolean {
  switch (node.kind) {
    case 'sequence': {
      const [first] = node.parts
      return first !== undefined && startsWithAny(first)
    }
    case 'choice':
      return node.options.every(startsWithAny)
    case 'repeat':
      if (node.of.kind === 'one' && node.of.any && node.max === Infinity) return true
      return node.min > 0 && startsWithAny(node.of)
    case 'text':
    case 'one':
    case 'edge':
    case 'look':
      return false
  }
}

/** Can it match the empty text, at any place whatever stands around? */
function matchesNothing(node: Node): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.parts.every(matchesNothing)
    case 'choice':
      return node.options.some(matchesNothing)
    case 'repeat':
      return node.min === 0 || matchesNothing(node.of)
    case 'text':
    case 'one':
    case 'edge':
    case 'look':
      return false
  }
}
