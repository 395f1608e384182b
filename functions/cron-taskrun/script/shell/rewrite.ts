import { Refusal } from '../refusal.ts'
import { between, expansion, written } from './encode.ts'
import { type Program, programsOf } from './programs.ts'
import {
  type Document as HereDocument,
  type Piece,
  type Reference,
  type Scan,
  scan,
  type Word,
} from './scan.ts'
import { placeInSed } from './sed.ts'

/** What is known of names while a script is rewritten. */
export type Known = {
  /** Is it one of ours? */
  knows(name: string): boolean
  /** The environment variable that holds it. */
  variable(name: string): string
  /** Is the value known only when earlier steps have run? */
  isLate(name: string): boolean
  /** It becomes a part of a program there. @throws Refusal where the value may not, or holds what is excepted */
  demand(name: string, rule: 'harmless' | 'number', where: string, except?: string): void
  /** The environment variable that holds a statement which sets this one. */
  setter(variable: string): string
}

/** A part of a script to replace: by a text, or by what the shell around it makes of a variable. */
type Edit = { from: number; to: number } & ({ text: string } | { live: string })
type Plain = { from: number; to: number; text: string }

/** How a script stands in the one around it, if it does. */
type Inside = {
  /** Is it read by a shell of its own, so that what the outer one would put in has to wait? */
  again: boolean
  /** Is the environment gone there? */
  lost: boolean
  /** Names that a script around it gives values of its own. */
  taken: Set<string>
  /** What it prints is a part of a program. */
  feeds: boolean
  depth: number
}

const deepest = 20

/** The script of a shell with all references read from the environment, so that no value ever is a part of it. */
export function rewritten(text: string, known: Known): string {
  const { edits } = rewrite(text, known, {
    ...{ again: false, lost: false, taken: new Set(), feeds: false, depth: 0 },
  })
  // At the top, nothing stands around it that could make something of a variable.
  return applied(
    text,
    edits.map(edit => ('text' in edit ? edit : { ...edit, text: `\${${edit.live}}` })),
  )
}

const applied = (text: string, edits: Plain[]): string => {
  const sorted = edits.toSorted((a, b) => a.from - b.from || a.to - b.to)
  let at = 0
  let made = ''
  for (const edit of sorted) {
    if (edit.from < at) continue
    made += text.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return made + text.slice(at)
}

function rewrite(text: string, known: Known, inside: Inside): { edits: Edit[]; used: Set<string> } {
  if (inside.depth > deepest) throw new Refusal(`A script has more than ${deepest} programs in one another`)
  const found = scan(text, known.knows)
  const taken = new Set([...inside.taken, ...assigned(found, text)])
  const programs = programsOf(found, text)
  const programOf = new Map(
    programs.flatMap(program => program.pieces.map(piece => [piece, program] as const)),
  )
  const edits: Edit[] = []
  const used = new Set<string>()
  const inDocuments = new Map<Piece, Reference[]>()
  const words = programs.filter(({ is }) => is === 'shell').flatMap(program => program.pieces.filter(isWord))
  const documents = new Set<Piece>(found.commands.flatMap(command => command.documents))
  const referencesOf = Map.groupBy(found.references, ({ of }) => of)
  demandNumbers(found, taken, known)

  for (const reference of found.references) {
    const program = reference.of && programOf.get(reference.of)
    if (program?.is === 'shell') continue
    if (program && !taken.has(reference.name)) demandCode(reference, program, known)
    if (!program && (inside.feeds || isFed(reference, words))) {
      known.demand(reference.name, 'harmless', 'a command whose output is a part of a program')
    }
    used.add(known.variable(reference.name))
    const edit = edited(text, reference, known, { ...inside, taken })
    if (edit) edits.push(edit)
    else if (reference.quoting === 'verbatim' && reference.of) {
      inDocuments.set(reference.of, [...(inDocuments.get(reference.of) ?? []), reference])
    }
  }
  for (const document of found.commands.flatMap(command => command.documents)) {
    const references = inDocuments.get(document) ?? []
    if (references.length === 0) continue
    const open = references.map(({ name, from, to }) => ({ from, to, live: known.variable(name) }))
    edits.push(...opened(text, document, open))
  }
  for (const piece of found.backticks) {
    const [first] = piece.units
    const feeds = inside.feeds || (first !== undefined && isFed(first, words))
    const inner = rewrite(piece.text, known, { ...inside, taken, feeds, depth: inside.depth + 1 })
    for (const variable of inner.used) used.add(variable)
    edits.push(...outward(piece, inner.edits, known, inside))
  }
  for (const program of programs) {
    if (program.is !== 'shell') continue
    const inner = ofProgram(program, referencesOf, known, {
      ...{ lost: inside.lost, again: true, taken, feeds: false, depth: inside.depth + 1 },
    })
    for (const variable of inner.used) used.add(variable)
    edits.push(...intoProgram(text, documents, program, inner, known, inside))
  }
  return { edits, used }
}

type Document = HereDocument
const isQuoted = (piece: Piece): piece is Document => 'quoted' in piece && piece.quoted === true
const isWord = (piece: Piece): piece is Word => 'from' in piece && !('quoted' in piece)
const isFed = ({ from }: { from: number }, words: Word[]) =>
  words.some(word => from >= word.from && from < word.to)

/** What a program of another language makes of a value nobody knows: it has to be harmless there. */
function demandCode({ name, from, of }: Reference, program: Program & { is: 'sed' | 'code' }, known: Known) {
  const where = `${program.by} in a shell`
  const at = of?.units.findIndex(unit => unit.from === from) ?? -1
  const place = program.is === 'sed' && of ? placeInSed(of.text, at) : undefined
  if (place?.in === 'commands') known.demand(name, 'number', where)
  else known.demand(name, 'harmless', where, place?.in === 'part' ? place.delimiter : undefined)
}

/** What becomes of a reference where it stands; undefined where nothing has to, or its document sees to it. */
function edited(
  text: string,
  { name, from, to, quoting, loose }: Reference,
  known: Known,
  { again, lost, taken }: Inside,
): Edit | undefined {
  const variable = known.variable(name)
  if (lost && known.isLate(name)) {
    known.demand(name, 'harmless', 'a shell without its environment')
    return { from, to, live: variable }
  }
  if (quoting === 'verbatim') return undefined
  if (quoting === 'single' || quoting === 'ansi') {
    return { from, to, text: expansion(variable, quoting, quoting === 'ansi' ? restOf(text, to) : '') }
  }
  if (again && !taken.has(name)) return { from, to, text: loose ? text.slice(from, to) : `\${${variable}}` }
  return variable === name || loose ? undefined : { from, to, text: `\${${variable}}` }
}

function restOf(text: string, from: number): string {
  const stop = /(?:[^\\']|\\.)*/sy
  stop.lastIndex = from
  return stop.exec(text)?.[0] ?? ''
}

/** A quoted here-document as one that is open for our references, and for nothing else. */
function opened(text: string, document: HereDocument, edits: Edit[]): Plain[] {
  let at = document.from
  let body = ''
  for (const edit of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    body += written(text.slice(at, edit.from), 'document')
    body += 'text' in edit ? written(edit.text, 'document') : expansion(edit.live, 'document')
    at = edit.to
  }
  body += written(text.slice(at, document.to), 'document')
  const delimiter = /^\w+$/.test(document.delimiter) ? document.delimiter : freshIn(body)
  const { opener, closer } = document
  return [
    { ...opener, text: delimiter },
    { from: document.from, to: document.to, text: body },
    ...(closer ? [{ ...closer, text: delimiter }] : []),
  ]
}

const freshIn = (body: string): string => {
  for (let n = 0; ; n++) if (!body.includes(`OPS_END_${n}`)) return `OPS_END_${n}`
}

type Joined = Piece & { edits: Edit[]; used: Set<string> }

/** A program that a shell reads, rewritten for the one around it; what is lost on the way there is set at its start. */
function ofProgram(
  program: Program & { is: 'shell' },
  references: Map<Piece | undefined, Reference[]>,
  known: Known,
  inside: Inside,
): Joined {
  const piece = joined(program)
  const lost = inside.lost || !program.keeps
  const inner = rewrite(piece.text, known, { ...inside, lost })
  const live = program.pieces
    .flatMap(one => references.get(one) ?? [])
    .filter(({ name }) => !inside.taken.has(name))
  inner.edits.push(...stillOpen(piece, live, inner.edits))
  if (program.keeps) return { ...piece, ...inner }
  const start = /^#![^\n]*\n/.exec(piece.text)?.[0].length ?? 0
  const setters = [...inner.used]
    .filter(variable => !known.isLate(variable) && !inside.taken.has(variable))
    .map(variable => known.setter(variable))
  const edits = [...setters.map(live => ({ from: start, to: start, live })), ...inner.edits]
  return { ...piece, edits, used: new Set(setters) }
}

/** What the shell around a program would put into it where the program makes nothing of it, such as in a comment. */
function stillOpen(piece: Piece, references: Reference[], edits: Edit[]): Plain[] {
  const places = new Map(piece.units.map((unit, at) => [unit.from, at] as const))
  return references.flatMap(({ from, to }) => {
    const at = places.get(from)
    if (at === undefined) return []
    const end = at + (to - from)
    if (edits.some(edit => edit.from < end && edit.to > at)) return []
    return [{ from: at, to: end, text: piece.text.slice(at, end) }]
  })
}

function joined({ pieces, skip = 0 }: Program): Piece {
  const text = pieces.map(piece => piece.text).join(' ')
  const units = pieces.flatMap((piece, n) => {
    const from = pieces[n - 1]?.units.at(-1)?.to ?? 0
    return n === 0 ? piece.units : [{ from, to: from, quoting: 'between' as const }, ...piece.units]
  })
  return { text: text.slice(skip), units: units.slice(skip) }
}

function intoProgram(
  text: string,
  documents: Set<Piece>,
  program: Program,
  inner: Joined,
  known: Known,
  inside: Inside,
): Edit[] {
  const [document] = program.pieces
  if (
    !document ||
    !documents.has(document) ||
    !isQuoted(document) ||
    inner.edits.every(edit => 'text' in edit)
  )
    return outward(inner, inner.edits, known, inside)
  const edits = inner.edits.map(edit => ({
    ...edit,
    from: edit.from + document.from,
    to: edit.to + document.from,
  }))
  return opened(text, document, edits)
}

/** Edits of what a shell makes of a piece, as edits of the piece as it is written. */
function outward(piece: Piece, edits: Edit[], known: Known, { lost }: Inside): Edit[] {
  return edits.flatMap((edit): Edit[] => {
    const { from, to } = edit
    const units = piece.units.slice(from, Math.max(to, from + 1))
    const [first] = units
    const last = units.at(-1)
    if (!first || !last) return []
    const place = { from: first.from, to: to > from ? last.to : first.from }
    if (lost && 'live' in edit && known.isLate(edit.live)) return [{ ...place, live: edit.live }]
    const made =
      'text' in edit ? written(edit.text, first.quoting) : expansion(edit.live, first.quoting, '\\')
    return [{ ...place, text: made + between(first.quoting, last.quoting) }]
  })
}

/** Names to which a script gives values of its own; what it makes of ours remains ours. */
function assigned({ commands }: Scan, text: string): string[] {
  return commands.flatMap(({ words }) => {
    const declares = /^(export|local|readonly|declare|typeset)$/.test(words[0]?.text ?? '')
    const other = words.findIndex(word => !assignment.test(word.text))
    const leading = declares || other < 0 ? words : words.slice(0, other)
    const set = leading.flatMap(word => {
      const name = assignment.exec(word.text)?.[1]
      if (name === undefined || text[word.from] !== name[0]) return []
      const isOurs = new RegExp(`\\$\\{?${name}(?!\\w)`).test(text.slice(word.from, word.to))
      return isOurs ? [] : [name]
    })
    const [first, ...rest] = words.map(word => word.text)
    if (first === 'for' || first === 'select') return [...set, ...rest.slice(0, 1)]
    const reads = words.findIndex(word => /^(read|getopts|mapfile|readarray|unset)$/.test(word.text))
    return reads < 0 ? set : [...set, ...words.slice(reads + 1).map(word => word.text)]
  })
}

const assignment = /^([A-Za-z_]\w*)\+?=/

/** Where a shell computes, a value is read as an expression, which may run commands. */
function demandNumbers({ commands, references }: Scan, taken: Set<string>, known: Known) {
  const computed = commands.flatMap(({ words }) => {
    const [first] = words
    if (first?.text === 'let') return words.slice(1)
    if (first?.text !== '[[') return []
    return words.flatMap((word, at) =>
      /^-(eq|ne|lt|le|gt|ge)$/.test(word.text) ? [words[at - 1], words[at + 1]] : [],
    )
  })
  for (const { name, arithmetic, of } of references) {
    if (taken.has(name) || !(arithmetic || computed.some(word => word === of && word))) continue
    known.demand(name, 'number', 'arithmetic of the shell')
  }
}
