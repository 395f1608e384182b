/** The flags in force at some place of a pattern: `i`, `m` and `s`. `U` changes what a match is, not whether there is one. */
export type Flags = { fold: boolean; lines: boolean; dotAll: boolean }

/** A look-ahead; its body is `source.slice(from, to)`. */
export type Look = {
  kind: 'look'
  negative: boolean
  of: Node
  flags: Flags
  at: number
  from: number
  to: number
  end: number
}

/** A place without width, such as `^` or `\b`; `start`: it is the start of the text. `end` is its offset in the source. */
export type Edge = { kind: 'edge'; start: boolean; flags: Flags; end: number }

/**
 * What a pattern is made of, as far as look-aheads and literals need it: `text` stands for itself, `one` is one
 * character of several (`any`: of all).
 */
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'one'; any: boolean }
  | { kind: 'sequence'; parts: Node[] }
  | { kind: 'choice'; options: Node[] }
  | { kind: 'repeat'; of: Node; min: number; max: number }
  | Look
  | Edge

/** Throws: why a pattern cannot be had, and the offset in its source where the trouble is. */
export type Refuse = (reason: string, position: number) => never

const foreign = [
  ['(?<=', 'look-behind'],
  ['(?<!', 'negative look-behind'],
  ['(?>', 'atomic group'],
  ['(?P=', 'back-reference'],
  ['(?#', 'comment'],
  ['(?(', 'conditional'],
] as const

const quantifier = /(?:[*+?]|\{(?<min>0|[1-9]\d*)(?<comma>,(?<max>0|[1-9]\d*)?)?\})\??/y
const named = /\(\?P?<\w+>/y
const flagged = /\(\?([imsU]*)(?:-([imsU]+))?([:)])/y
const several = /\\(?:[dDsSwW]|[pP](?:\{[^}]*\}|[^{]))/y
const octal = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y
const hexadecimal = /\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/y
const control = /\\([afnrtv])/y
const punctuation = /\\([!-/:-@[-`{-~\s])/y
const controls: Record<string, string> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
const everything = new Set(['[\\s\\S]', '[\\S\\s]', '[\\d\\D]', '[\\D\\d]', '[\\w\\W]', '[\\W\\w]'])

/**
 * The tree of a pattern in RE2 syntax (https://github.com/google/re2/wiki/Syntax) and look-aheads. It refuses what
 * RE2 does not have, and unbalanced brackets; smaller faults, such as unknown classes, are left to the compiler.
 */
export function parsePattern(source: string, refuse: Refuse): Node {
  let at = 0
  let flags: Flags = { fold: false, lines: false, dotAll: true }

  const take = (form: RegExp) => {
    form.lastIndex = at
    const found = form.exec(source)
    if (found) at += found[0].length
    return found
  }
  const no = (what: string, position: number) =>
    refuse(`${what} at position ${position} is not in RE2 syntax`, position)
  const character = (text: string): Node =>
    flags.fold ? { kind: 'one', any: false } : { kind: 'text', text }
  const edge = (start: boolean): Edge => ({ kind: 'edge', start, flags, end: at })

  function alternatives(): Node {
    const first = sequence()
    if (source[at] !== '|') return first
    const options = [first]
    while (source[at] === '|') {
      at++
      options.push(sequence())
    }
    return { kind: 'choice', options }
  }

  function sequence(): Node {
    const parts: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const start = at
      const count = take(quantifier)
      if (count) parts.push(repeat(count, parts.pop(), start))
      else parts.push(...atom())
    }
    return { kind: 'sequence', parts }
  }

  function repeat(count: RegExpExecArray, of: Node | undefined, start: number): Node {
    if (!of) return refuse(`"${count[0]}" at position ${start} has nothing to repeat`, start)
    const second = at
    const next = take(quantifier)
    if (next) return no(next[0].startsWith('+') ? 'possessive quantifier' : 'second quantifier', second)
    const [min, max] = bounds(count)
    if (Math.max(min, max === Infinity ? 0 : max) > 1000) {
      return refuse(`repeat ${count[0]} at position ${start} is over 1000`, start)
    }
    return { kind: 'repeat', of, min, max }
  }

  function atom(): Node[] {
    const first = String.fromCodePoint(source.codePointAt(at) ?? 0)
    switch (first) {
      case '(':
        return group()
      case '[':
        return [characterClass()]
      case '\\':
        return escaped()
    }
    at += first.length
    if (first === '.') return [{ kind: 'one', any: flags.dotAll }]
    if (first === '^') return [edge(!flags.lines)]
    if (first === '$') return [edge(false)]
    return [character(first)]
  }

  function group(): Node[] {
    const open = at
    const outer = flags
    const setting = take(flagged)
    if (setting) {
      flags = changed(flags, setting)
      if (setting[3] === ')') return []
    } else if (!take(named)) {
      if (source.startsWith('(?=', at) || source.startsWith('(?!', at)) return [look()]
      if (source.startsWith('(?', at)) return no(foreignName(source, at), at)
      at++
    }
    const inner = closed(open)
    flags = outer
    return [inner]
  }

  function look(): Node {
    const open = at
    const outer = flags
    at += 3
    const of = closed(open)
    flags = outer
    return {
      kind: 'look',
      negative: source[open + 2] === '!',
      of,
      flags,
      at: open,
      from: open + 3,
      to: at - 1,
      end: at,
    }
  }

  function closed(open: number): Node {
    const inner = alternatives()
    if (source[at] !== ')') return refuse(`"(" at position ${open} is not closed`, open)
    at++
    return inner
  }

  function escaped(): Node[] {
    const start = at
    if (source.startsWith('\\Q', at)) return quoted()
    const place = take(/\\[AbBz]/y)
    if (place) return [edge(place[0] === '\\A')]
    if (take(several)) return [{ kind: 'one', any: false }]
    const code = take(octal)
    if (code) return [character(String.fromCodePoint(Number.parseInt(code[1] ?? '', 8)))]
    const hex = take(hexadecimal)
    if (hex) return [character(codePoint(Number.parseInt(hex[1] ?? hex[2] ?? '', 16), start))]
    const letter = take(control)?.[1]
    if (letter) return [character(controls[letter] ?? letter)]
    const mark = take(punctuation)?.[1]
    if (mark) return [character(mark)]
    if (/^[1-9k]$/.test(source[at + 1] ?? '')) return no('back-reference', at)
    return no(`escape "${source.slice(at, at + 2)}"`, at)
  }

  function codePoint(value: number, position: number): string {
    return value <= 0x10ffff ? String.fromCodePoint(value) : no('a character beyond U+10FFFF', position)
  }

  function quoted(): Node[] {
    const end = source.indexOf('\\E', at + 2)
    const text = source.slice(at + 2, end < 0 ? undefined : end)
    at = end < 0 ? source.length : end + 2
    return Array.from(text, character)
  }

  function characterClass(): Node {
    const open = at
    at += source.startsWith('[^', at) ? 2 : 1
    for (let first = true; first || source[at] !== ']'; first = false) {
      const name = source.startsWith('[:', at) ? source.indexOf(':]', at) : -1
      if (name >= 0) at = name + 2
      else if (!take(several)) range()
      if (at >= source.length) return refuse(`"[" at position ${open} is not closed`, open)
    }
    at++
    const text = source.slice(open, at)
    const single = /^\[\\?([^\w\\^])\]$|^\[(\w)\]$/.exec(text)
    if (single) return character(single[1] ?? single[2] ?? '')
    return { kind: 'one', any: everything.has(text) }
  }

  // A range may end in "[", which then opens no class inside: [!-[:alpha:]] is "!" to "[" and four letters.
  function range() {
    at += source[at] === '\\' ? 2 : 1
    if (source[at] === '-' && source[at + 1] !== ']') at += source[at + 1] === '\\' ? 3 : 2
  }

  const tree = alternatives()
  return at < source.length ? refuse(`")" at position ${at} closes nothing`, at) : tree
}

function bounds(count: RegExpExecArray): [min: number, max: number] {
  const { min, max, comma } = count.groups ?? {}
  if (min !== undefined) {
    const least = Number(min)
    if (max !== undefined) return [least, Number(max)]
    return [least, comma ? Infinity : least]
  }
  if (count[0].startsWith('?')) return [0, 1]
  return [count[0].startsWith('+') ? 1 : 0, Infinity]
}

function changed(flags: Flags, [, on = '', off = '']: RegExpExecArray): Flags {
  const now = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter)
  return { fold: now('i', flags.fold), lines: now('m', flags.lines), dotAll: now('s', flags.dotAll) }
}

function foreignName(source: string, at: number): string {
  return foreign.find(([start]) => source.startsWith(start, at))?.[1] ?? `group "${source.slice(at, at + 3)}"`
}
