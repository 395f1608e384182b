import { Refusal } from '../refusal.ts'
import { demandComputed } from './computed.ts'
import { demandCode, demandNumbers } from './demands.ts'
import { applied, type Edit, opened, outward } from './edits.ts'
import { heldIn } from './held.ts'
import { demandIndirect } from './indirect.ts'
import { joined, stillOpen } from './joined.ts'
import type { Known } from './known.ts'
import type { Program } from './languages.ts'
import type { Document, Piece, Reference, Word } from './pieces.ts'
import { programsOf } from './programs.ts'
import { edited, type Inside } from './reference.ts'
import { scan } from './scan.ts'
import { isOwn, takenIn } from './taken.ts'

const deepest = 20

/** The script of a shell with all references read from the environment, so that no value ever is a part of it. */
export function rewritten(text: string, known: Known): string {
  const { edits } = rewrite(text, known, {
    ...{ again: false, lost: false, taken: new Set(), feeds: false, held: new Map(), depth: 0 },
  })
  // At the top, nothing stands around it that could make something of a variable.
  return applied(
    text,
    edits.map(edit => ('text' in edit ? edit : { ...edit, text: `\${${edit.live}}` })),
  )
}

function rewrite(text: string, known: Known, inside: Inside): { edits: Edit[]; used: Set<string> } {
  if (inside.depth > deepest) throw new Refusal(`A script has more than ${deepest} programs in one another`)
  const found = scan(text, known.knows)
  const taken = new Set([...inside.taken, ...takenIn(found, text)])
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
  const waits = (variable: string) => inside.lost && known.isLate(variable)
  demandNumbers(found, taken, known)
  const held = heldIn(found, text, { known, outer: inside.held })
  const own = new Set([...taken].filter(name => isOwn(name, text) || inside.taken.has(name)))
  demandComputed(text, { known, held, own })

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
    const inner = rewrite(piece.text, known, { ...inside, taken, feeds, held, depth: inside.depth + 1 })
    for (const variable of inner.used) used.add(variable)
    edits.push(...outward(piece, inner.edits, waits))
  }
  for (const program of programs) {
    if (program.is !== 'shell') continue
    const inner = ofProgram(program, referencesOf, known, {
      ...{ lost: inside.lost, again: true, taken, feeds: false, held, depth: inside.depth + 1 },
    })
    for (const variable of inner.used) used.add(variable)
    edits.push(...intoProgram(text, documents, program, inner, waits))
  }
  demandIndirect(found, programs, { text, known, held, own })
  return { edits, used }
}

const isQuoted = (piece: Piece): piece is Document => 'quoted' in piece && piece.quoted === true
const isWord = (piece: Piece): piece is Word => 'from' in piece && !('quoted' in piece)
const isFed = ({ from }: { from: number }, words: Word[]) =>
  words.some(word => from >= word.from && from < word.to)

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

/** Edits of a program as edits of the script that it stands in: its document is opened where something is to be put in. */
function intoProgram(
  text: string,
  documents: Set<Piece>,
  program: Program,
  inner: Joined,
  waits: (variable: string) => boolean,
): Edit[] {
  const [document] = program.pieces
  if (
    !document ||
    !documents.has(document) ||
    !isQuoted(document) ||
    inner.edits.every(edit => 'text' in edit)
  )
    return outward(inner, inner.edits, waits)
  const edits = inner.edits.map(edit => ({
    ...edit,
    from: edit.from + document.from,
    to: edit.to + document.from,
  }))
  return opened(text, document, edits)
}
