import { functionsIn, type Held, heldBy, oursIn } from './held.ts'
import type { Known } from './known.ts'
import { awks, interpreters, languageOfFile, nameOf, type Program, seds, shells } from './languages.ts'
import type { Command, Piece, Scan } from './pieces.ts'
import { readsOf } from './reads.ts'

type About = { text: string; known: Known; held: Held; own: Set<string> }
type Range = { from: number; to: number }

const elsewhere = /^(rsh|pssh|parallel-ssh|pdsh|dsh|clush|mosh|autossh|ansible|salt|tsh)$/
const scheduling = /^(crontab|at|batch|su|runuser|chroot|\.|source)$/
const sourcing = /(?<![\w.-])(?:\.|source|ssh|(?:ba|da|k|z)?sh|python[\d.]*|perl|awk|sed)[ \t][^\n;|&()]*<\(/g

/**
 * Where our values come into a program by a way that is not rewritten: by a variable of the script, a file that it writes
 * and runs, a pipe from more than one command, or a command whose name a variable has. They have to be harmless there.
 */
export function demandIndirect({ commands }: Scan, programs: Program[], about: About): void {
  const { text } = about
  for (const program of programs) for (const piece of program.pieces) mentioned(piece, program, about)
  const seen = new Set(programs.flatMap(({ pieces }) => pieces))
  const feeders = Map.groupBy(commands, ({ into }) => into)
  const called = programsIn(commands)
  const asked = new Set<Command>()
  const functions = new Set(functionsIn(text))
  const ran = new Set(commands.flatMap(command => filesOf(command, text)))
  for (const command of commands) {
    if (isUnknown(command, called, text)) demandWithin(command.words, 'a program by its arguments', about)
    const last = command.words.at(-1)
    if (last && takesInput(command)) {
      const own = [...command.documents, ...command.strings].filter(piece => !seen.has(piece))
      demandWithin(own, 'what a program reads', about)
      demandWithin(fedBy(command, { feeders, functions, asked, text, seen }), 'what a program reads', about)
    }
    const written = [
      ...command.targets,
      ...command.words.slice(
        command.words.findIndex(word => nameOf(word) === 'tee') + 1 || Number.POSITIVE_INFINITY,
      ),
    ]
    if (!written.some(target => runs(target, ran, text))) continue
    const [first] = written
    const own = [...command.words, ...command.documents, ...command.strings].filter(piece => !seen.has(piece))
    const before = command.words.length === 0 && first ? [{ from: 0, to: first.from }] : []
    demandWithin(
      [...own, ...before, ...fedBy(command, { feeders, functions, asked, text, seen })],
      'a file that is run',
      about,
    )
  }
  for (const { 0: start, index } of text.matchAll(sourcing)) {
    const from = index + start.length
    demandWithin([{ from, to: closing(text, from) }], 'a program that is read', about)
  }
}

const demandWithin = (ranges: Range[], where: string, { text, known, held, own }: About) => {
  for (const { from, to } of ranges) {
    for (const name of oursIn(text.slice(from, to), held, known))
      if (!own.has(name)) known.demand(name, 'harmless', where)
  }
}

/** What the shell around a program puts into it of variables that hold ours. */
function mentioned({ units, text: made }: Piece, program: Program, { text, known, held, own }: About): void {
  const [first, last] = [units[0], units.at(-1)]
  if (!first || !last) return
  const where = program.is === 'shell' ? 'a program of a shell' : `${program.by} in a shell`
  const whole = made.length === 1 && program.is === 'shell' && program.skip === undefined
  for (const { 0: found, index } of text.slice(first.from, last.to).matchAll(/\$\{?!?(?:\w+|[@*])/g)) {
    const at = first.from + index
    const unit = units.find(({ from, to }) => from <= at && at < to)
    if (!unit || unit.quoting === 'single' || unit.quoting === 'verbatim') continue
    if (unit.to - unit.from === 2 && text[unit.from] === '\\') continue
    const name = found.replace(/^\$\{?!?/, '')
    // What a script sets in some cases only is ours in the others.
    if (known.knows(name) && !own.has(name) && setIn(name, text)) known.demand(name, 'harmless', where)
    if (whole && assignedOnly(name, { text, known, held })) continue
    for (const ours of heldBy(name, held))
      if (ours !== name && !own.has(ours)) known.demand(ours, 'harmless', where)
  }
}

const setIn = (name: string, text: string) => new RegExp(`(?<![\\w$.{-])${name}\\+?=`).test(text)

/** Is all that it ever holds given to it in words that are read as programs themselves, with ours in them? */
function assignedOnly(name: string, { text, known, held }: Pick<About, 'text' | 'known' | 'held'>): boolean {
  if (!/^[A-Za-z_]/.test(name)) return false
  if (new RegExp(`(?<![\\w$.{-])(?:for|select|read|mapfile|readarray)\\s[^\\n;]*\\b${name}\\b`).test(text))
    return false
  const given = [...text.matchAll(new RegExp(`(?<![\\w$.{-])${name}\\+?=([^\\n;]*)`, 'g'))]
  return given.length > 0 && given.every(([, value = '']) => isOnlyOurs(value, { known, held }))
}

const isOnlyOurs = (value: string, { known, held }: Pick<About, 'known' | 'held'>) =>
  [...value.matchAll(/\$\{?!?(\w+|[@*])/g)].every(
    ([, name = '']) => known.knows(name) || [...heldBy(name, held)].length === 0,
  )

/** Files that a command runs, by their last names. */
function filesOf({ words }: Command, text: string): string[] {
  const names = words.map(nameOf)
  const isRun = names.some(
    (name, at) =>
      shells.test(name) ||
      interpreters.test(name) ||
      (at < 3 && /^(\.|source|crontab|at|make)$/.test(name)) ||
      (name === 'chmod' && /^([ugoa]*\+\w*x|[0-7]*[1357][0-7]*)$/.test(words[at + 1]?.text ?? '')) ||
      ((awks.test(name) || seds.test(name)) && words.some(word => /^(-f|--file)/.test(word.text))),
  )
  return (isRun ? words : words.slice(0, 1)).map(word => lastOf(word, text))
}

const lastOf = ({ from, to }: Range, text: string) =>
  text
    .slice(from, to)
    .replaceAll(/["']/g, '')
    .replace(/^.*\//s, '')
    .replace(/^\$\{(\w+)\}$/, '$$$1')

const runs = (target: Piece & Range, ran: Set<string>, text: string) =>
  ran.has(lastOf(target, text)) || languageOfFile(target.text) !== undefined

/** Is it a variable that is called, with a shell or the like in it, or what runs commands on other machines? */
function isUnknown({ words }: Command, called: Set<string>, text: string): boolean {
  const [first] = words.filter(word => !/^[A-Za-z_]\w*\+?=/.test(word.text))
  if (!first) return false
  if (words.slice(0, 4).some(word => elsewhere.test(nameOf(word)))) return true
  const name = /^"?\$\{?(\w+)\}?"?$/.exec(text.slice(first.from, first.to))?.[1]
  if (name === undefined) return false
  return /^(SHELL|BASH|0)$/.test(name) || called.has(name)
}

/** Variables that are given a shell or the like. */
function programsIn(commands: Command[]): Set<string> {
  const given = commands.flatMap(({ words }) =>
    words.flatMap(({ text }) => {
      const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
      return name && value.split(/\s+/).some(word => isProgram(word.replace(/^.*\//, ''))) ? [name] : []
    }),
  )
  return new Set(given)
}

const isProgram = (name: string) =>
  shells.test(name) ||
  interpreters.test(name) ||
  awks.test(name) ||
  seds.test(name) ||
  elsewhere.test(name) ||
  /^(ssh|eval|su)$/.test(name)

function takesInput(command: Command): boolean {
  const { argument, input } = readsOf(command)
  if (input) return true
  const names = command.words.map(nameOf)
  if (argument.length > 0)
    return names.includes('xargs') || command.words.some(({ text }) => /\|\s*(?:ba|da|k|z)?sh\b/.test(text))
  return (
    names.slice(0, 3).some(name => scheduling.test(name)) ||
    (command.words.some(({ text }) => /^(-|\/dev\/(stdin|fd\/0))$/.test(text)) &&
      names.some(name => shells.test(name) || interpreters.test(name)))
  )
}

type Feeding = {
  /** Commands by what they are piped into. */
  feeders: Map<Command | undefined, Command[]>
  functions: Set<string>
  /** Those that were looked at already. */
  asked: Set<Command>
  text: string
  seen: Set<Piece>
}

/** What comes to a command by a pipe: the commands before it, or all before it where those are in brackets or a function. */
function fedBy(command: Command, { feeders, functions, asked, text, seen }: Feeding): Range[] {
  const before = feeders.get(command) ?? []
  const [first] = command.words
  if (!first) return []
  if (before.length === 0) {
    const pipe = /\|\s*([({]?)\s*((?:while|until|if)[^\n]*?(?:do|then)\s+)?$/.exec(
      text.slice(Math.max(first.from - 200, 0), first.from),
    )
    if (!pipe) return []
    // The document of what comes before stands behind it.
    return [{ from: 0, to: pipe[1] || pipe[2] ? text.length : first.from }]
  }
  return before.flatMap(one => {
    if (asked.has(one)) return []
    asked.add(one)
    const [name] = one.words
    const isFunction = name && functions.has(name.text)
    const own = [...one.words, ...one.documents, ...one.strings].filter(piece => !seen.has(piece))
    return [
      ...own,
      ...(isFunction ? [{ from: 0, to: name.from }] : []),
      ...fedBy(one, { feeders, functions, asked, text, seen }),
    ]
  })
}

function closing(text: string, from: number): number {
  let open = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') open++
    if (text[at] === ')' && --open === 0) return at
  }
  return text.length
}
