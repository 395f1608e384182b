import {
  type Language,
  languageOfFile,
  languageOfFirstLine,
  nameOf,
  type Program,
  talkers,
} from './languages.ts'
import { type Command, opaque, type Piece, type Scan } from './pieces.ts'
import { readsOf } from './reads.ts'

/**
 * The programs in a script, as far as their commands show that they are such:
 * - the argument of `sh -c` and its like, anywhere in a command (`sudo`, `env`, `xargs`, `find -exec` …), of `eval`,
 *   `trap`, `watch`, `su -c`, and what follows the host of `ssh`;
 * - that of `python3 -c`, `perl -e`, `ruby -e`, `node -e`, `php -r`, `lua -e`, awk and sed;
 * - here-documents and here-strings that these read, and what `cat`, `echo` and `printf` pipe into them;
 * - here-documents that `cat` or `tee` write into a file whose name or first line says what runs it;
 * - the value of a variable that is run in one of these ways: `a="…"; eval "$a"`.
 * What comes into a program by other ways, such as a file, is not rewritten: `demandIndirect` lets only harmless values there.
 * All else is data for us: what a program that is no shell makes of its arguments.
 */
export function programsOf({ commands }: Scan, text: string): Program[] {
  const programs = commands.flatMap(given)
  const fed = commands.flatMap(command => {
    const language = talksTo(command, programs)
    return language ? spoken(command).map(pieces => ({ ...language, pieces })) : []
  })
  const kept = commands.flatMap(written)
  const all = [...programs, ...fed, ...kept, ...assigned(commands, programs, text)]
  // What is read twice is a program once.
  return [...new Map(all.toReversed().map(program => [program.pieces[0], program])).values()]
}

/** Values of variables that are run as programs: `a="…"; eval "$a"`. */
function assigned(commands: Command[], programs: Program[], text: string): Program[] {
  const run = new Map<string, Language>()
  for (const { pieces, skip, ...language } of programs) {
    for (const { text: made, units } of pieces) {
      const [first, last] = [units[0], units.at(-1)]
      if (language.is !== 'shell' || made !== opaque || !first || !last) continue
      const name = /^\$\{?([A-Za-z_]\w*)\}?$/.exec(text.slice(first.from, last.to))?.[1]
      if (name) run.set(name, language)
    }
  }
  if (run.size === 0) return []
  return commands.flatMap(({ words }) =>
    words.flatMap(word => {
      const name = /^([A-Za-z_]\w*)\+?=/.exec(word.text)
      const language = run.get(name?.[1] ?? '')
      return name && language ? [{ ...language, pieces: [word], skip: name[0].length }] : []
    }),
  )
}

/** Programs in a command's own words and documents. */
function given(command: Command): Program[] {
  const { argument, input } = readsOf(command)
  const fromInput = input
    ? [...command.documents, ...command.strings].map(piece => ({ ...input, pieces: [piece] }))
    : []
  return [...argument, ...fromInput]
}

/** What takes the output of a command for a program: what it is piped into, or the program that it is a part of. */
function talksTo(command: Command, programs: Program[]): Language | undefined {
  const [first] = command.words
  if (!first || !talkers.test(nameOf(first))) return undefined
  if (command.into) return readsOf(command.into).input
  return programs.find(({ pieces }) => command.within && pieces.includes(command.within))
}

function spoken({ words, documents, strings }: Command): Piece[][] {
  const [first, ...rest] = words
  const said =
    first && /^(echo|printf)$/.test(nameOf(first)) ? rest.filter(({ text }) => !/^-/.test(text)) : []
  return [said, ...[...documents, ...strings].map(piece => [piece])].filter(pieces => pieces.length > 0)
}

/** Documents that are written into a file which will be run: by its name, or by their first line. */
function written(command: Command): Program[] {
  const [first, ...rest] = command.words
  if (!first || !talkers.test(nameOf(first))) return []
  const files = [...command.targets, ...(nameOf(first) === 'tee' ? rest : [])]
  return command.documents.flatMap(document => {
    const language =
      languageOfFirstLine(document.text) ?? files.map(({ text }) => languageOfFile(text)).find(Boolean)
    return language ? [{ ...language, pieces: [document] }] : []
  })
}
