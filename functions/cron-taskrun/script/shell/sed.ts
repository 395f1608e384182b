/**
 * Where in a sed program something stands: in a part that this character would end, in text up to the end of its line,
 * or where it is a command, an address or a flag.
 */
export type SedPlace = { in: 'part'; delimiter: string } | { in: 'text' } | { in: 'commands' }

/** Where the character at this place of a program stands. */
export function placeInSed(program: string, place: number): SedPlace {
  let at = 0
  let found: SedPlace = { in: 'commands' }

  const claim = (from: number, what: SedPlace) => {
    if (place >= from && place < at) found = what
  }
  /** Up to the delimiter, which may stand in the brackets of an expression. */
  const part = (delimiter: string, isExpression: boolean) => {
    const from = at
    while (at < program.length && program[at] !== delimiter) {
      if (program[at] === '\\') at += 2
      else if (isExpression && program[at] === '[')
        at += /\[\^?\]?[^\]]*\]?/y.exec(program.slice(at))?.[0].length ?? 1
      else at++
    }
    claim(from, { in: 'part', delimiter })
    at++
  }
  const line = () => {
    const from = at
    while (at < program.length && program[at] !== '\n') at += program[at] === '\\' ? 2 : 1
    claim(from, { in: 'text' })
  }

  while (at < program.length && at <= place) {
    const char = program[at++] ?? ''
    if (char === '/') part('/', true)
    else if (char === '\\') part(program[at++] ?? '', true)
    else if (char === 's' || char === 'y') {
      const delimiter = program[at++] ?? ''
      part(delimiter, char === 's')
      part(delimiter, false)
      while (/[gpiImM0-9]/.test(program[at] ?? '')) at++
      if (program[at] === 'w') line()
    } else if (/[aicrRwW]/.test(char)) line()
    else if (char === '$' && program[at] === '{') {
      // A reference where a command or an address is expected.
      const stop = program.indexOf('}', at)
      at = stop < 0 ? program.length : stop + 1
    } else if (/[#:btTe]/.test(char)) while (at < program.length && !/[\n;]/.test(program[at] ?? '')) at++
  }
  return found
}
