import { type Command, opaque, type Piece, type Scan, type Word } from './scan.ts'

/** What takes a text for a program: a shell, or something else by its name. */
export type Language = { is: 'shell'; keeps: boolean } | { is: 'sed' | 'code'; by: string }

/** A text in a script that is a program itself: words that are read as one, or a here-document. */
export type Program = Language & {
  pieces: Piece[]
  /** So many characters stand before it: the name of a variable that is run later. */
  skip?: number
}

const shells = /^(sh|bash|dash|ash|ksh|ksh93|mksh|zsh)$/
const interpreters = /^(python\d*(\.\d+)?|pypy\d*|perl|ruby|node|nodejs|php|lua)$/
const awks = /^([gmn]?awk|original-awk)$/
const seds = /^g?sed$/

/** What starts other programs. The first kind hands its environment on, the second may not, or elsewhere. */
const starters =
  /^(env|xargs|nsenter|timeout|nohup|exec|command|builtin|find|chroot|time|nice|ionice|setsid|stdbuf|unshare|flock|busybox|chrt|taskset|strace|watch|parallel)$/
const losers =
  /^(sudo|doas|su|runuser|docker|podman|nerdctl|crictl|ctr|kubectl|oc|ssh|sshpass|pdsh|systemd-run|lxc|lxc-attach|machinectl|at|batch|script|k)$/
const talkers = /^(cat|echo|printf|tee)$/

/** Options of ssh that take a value. */
const sshValued = /^-[BbcDEeFIiJLlmOopQRSWw]$/

const nameOf = (word: Word) => word.text.replace(/^.*\//s, '')
const isAssignment = (word: Word) => /^[A-Za-z_]\w*\+?=/.test(word.text)

/**
 * The programs in a script, as far as their commands show that they are such:
 * - the argument of `sh -c` and its like, anywhere in a command (`sudo`, `env`, `xargs`, `find -exec` …), of `eval`,
 *   `trap`, `watch`, `su -c`, and what follows the host of `ssh`;
 * - that of `python3 -c`, `perl -e`, `ruby -e`, `node -e`, `php -r`, `lua -e`, awk and sed;
 * - here-documents and here-strings that these read, and what `cat`, `echo` and `printf` pipe into them;
 * - here-documents that `cat` or `tee` write into a file whose name or first line says what runs it;
 * - the value of a variable that is run in one of these ways: `a="…"; eval "$a"`.
 * All else is data for us: a program that is read from a file, or by a command that is not in this list.
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

/** What a command takes for programs: of its words, and what it reads. */
function readsOf(command: Command): { argument: Program[]; input: Language | undefined } {
  const words = command.words.slice(
    Math.max(
      command.words.findIndex(word => !isAssignment(word)),
      0,
    ),
  )
  const none = { argument: [], input: undefined }
  const [first] = words
  if (!first) return none
  const name = nameOf(first)
  const shell = (keeps: boolean, pieces: Piece[]) => ({
    argument: pieces.length ? [{ is: 'shell' as const, keeps, pieces }] : [],
    input: undefined,
  })
  if (name === 'eval') return shell(true, words.slice(1))
  if (name === 'trap')
    return shell(
      true,
      words
        .slice(1)
        .filter(word => word.text !== '--')
        .slice(0, 1),
    )
  if (talkers.test(name)) return none

  let keeps = true
  let started = true
  for (const [at, word] of words.entries()) {
    const called = nameOf(word)
    const rest = words.slice(at + 1)
    if (started && called === 'ssh') return remote(rest)
    if (started && /^(su|runuser|script|flock)$/.test(called)) {
      const option = rest.findIndex(({ text }) => /^(-[a-z]*c|--command)$/.test(text))
      const program = rest[option + 1]
      if (option >= 0 && program && !rest.slice(0, option).some(({ text }) => shells.test(text))) {
        return shell(called === 'flock', [program])
      }
    }
    if (started && called === 'watch')
      return shell(
        true,
        rest.filter(({ text }) => !/^-/.test(text)),
      )
    const read = interpreted(called, rest, keeps, started)
    if (read) return read
    if (losers.test(called)) keeps = false
    if (called === 'env' && rest[0] && /^(-|-i|--ignore-environment)$/.test(rest[0].text)) keeps = false
    if (at === 0) started = starters.test(called) || losers.test(called)
  }
  return none
}

// All words after the host are joined, and read by the shell over there.
function remote(words: Word[]): { argument: Program[]; input: Language | undefined } {
  let at = 0
  while (words[at]?.text.startsWith('-')) at += sshValued.test(words[at]?.text ?? '') ? 2 : 1
  const pieces = words.slice(at + 1)
  if (pieces.length === 0) return { argument: [], input: { is: 'shell', keeps: false } }
  const text = pieces
    .map(piece => piece.text)
    .join(' ')
    .trim()
  const [called = '', ...more] = text.split(/\s+/).filter(word => !losers.test(word))
  const simple = more.every(word => /^-/.test(word))
  return {
    argument: [{ is: 'shell', keeps: false, pieces }],
    input: simple ? languageBy(called.replace(/^.*\//, ''), false) : undefined,
  }
}

const languageBy = (name: string, keeps: boolean): Language | undefined => {
  if (shells.test(name)) return { is: 'shell', keeps }
  return interpreters.test(name) ? { is: 'code', by: name } : undefined
}

function interpreted(
  name: string,
  rest: Word[],
  keeps: boolean,
  started: boolean,
): { argument: Program[]; input: Language | undefined } | undefined {
  const words = rest.map(word => word.text)
  if (shells.test(name)) {
    const { program, file } = shellOptions(words)
    const word = program === undefined ? undefined : rest[program]
    if (word) return { argument: [{ is: 'shell', keeps, pieces: [word] }], input: undefined }
    return started && !file ? { argument: [], input: { is: 'shell', keeps } } : undefined
  }
  if (interpreters.test(name)) {
    const pieces = codeOptions(name, words).flatMap(at => rest[at] ?? [])
    const language: Language = { is: 'code', by: name }
    if (pieces.length)
      return { argument: pieces.map(piece => ({ ...language, pieces: [piece] })), input: undefined }
    const file = words.some(word => !word.startsWith('-'))
    return started && !file ? { argument: [], input: language } : undefined
  }
  if (!started) return undefined
  if (awks.test(name)) {
    const at = firstArgument(words, /^-[vFf]$|^--(assign|field-separator|file)$/, /^(-f|--file)/)
    const piece = at === undefined ? undefined : rest[at]
    return piece && { argument: [{ is: 'code', by: name, pieces: [piece] }], input: undefined }
  }
  if (seds.test(name)) {
    const scripts = words.flatMap((word, at) => (/^(-[a-zA-Z]*e|--expression)$/.test(word) ? [at + 1] : []))
    const glued = words.flatMap((word, at) => (/^--expression=/.test(word) ? [at] : []))
    const only = firstArgument(words, /^(-l|-f|--file|--line-length)$/, /^(-f|--file)/)
    const places = scripts.length + glued.length ? [...scripts, ...glued] : [only ?? -1]
    const pieces = places.flatMap(at => rest[at] ?? [])
    return pieces.length
      ? { argument: pieces.map(piece => ({ is: 'sed', by: name, pieces: [piece] })), input: undefined }
      : undefined
  }
  return undefined
}

// `-c`, `-lc`, `-o pipefail -ec`: the first word that is no option is the program then, else a file.
function shellOptions(words: string[]): { program: number | undefined; file: boolean } {
  let at = 0
  let command = false
  let input = false
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--' || word === '-') {
      at++
      break
    }
    if (!/^[-+]./.test(word)) break
    if (/^--(rcfile|init-file)$/.test(word)) at++
    if (word.startsWith('--')) continue
    if (/^-[a-zA-Z]*c/.test(word)) command = true
    if (/^-[a-zA-Z]*s/.test(word)) input = true
    if (/^[-+][a-zA-Z]*[oO]$/.test(word)) at++
  }
  if (command) return { program: at, file: false }
  return { program: undefined, file: at < words.length && !input }
}

function codeOptions(name: string, words: string[]): number[] {
  const option = optionOf(name)
  const found: number[] = []
  for (const [at, word] of words.entries()) {
    if (option.test(word)) found.push(at + 1)
    else if (!word.startsWith('-') && !found.includes(at)) break
  }
  return found
}

function optionOf(name: string): RegExp {
  if (name.startsWith('py')) return /^-[A-Za-z]*c$/
  if (name === 'php') return /^-r$/
  if (name.startsWith('node')) return /^(-e|-p|-pe|--eval|--print)$/
  return /^-[A-Za-z0-9.]*[eE]$/
}

/** The first that is no option, unless the program is in a file. */
function firstArgument(words: string[], valued: RegExp, inFile: RegExp): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (inFile.test(word)) return undefined
    if (word === '--') return at + 1
    if (valued.test(word)) at++
    else if (!/^-./.test(word)) return at
  }
  return undefined
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

function languageOfFirstLine(text: string): Language | undefined {
  const called = /^\s*#!\s*(?:\S*\/env\s+(?:-\S+\s+)*)?(?:\S*\/)?([^\s/]+)/.exec(text)?.[1]
  if (!called) return undefined
  return languageBy(called, false) ?? { is: 'code', by: called }
}

function languageOfFile(name: string): Language | undefined {
  if (/\.(sh|bash|ksh|zsh)$/.test(name)) return { is: 'shell', keeps: false }
  return /\.(py|pl|rb|js|mjs|php|lua|awk|sed)$/.test(name)
    ? { is: 'code', by: name.replace(/^.*\./, '.') }
    : undefined
}
