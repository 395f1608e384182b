import { parseArgs } from 'node:util'
import { nearest } from '../../shared/nearest.ts'
import { clientOf, misused, Trouble } from './client.ts'
import type { Command, Given } from './command.ts'
import { deadLetterCommands } from './deadletters.ts'
import { eventCommands } from './events.ts'
import { helpOf, helpOfAll, usage } from './help.ts'
import { hookCommands } from './hooks.ts'
import { hostCommands } from './hosts.ts'
import { importCommands } from './import.ts'
import { runsCommands } from './runs.ts'
import { secretCommands } from './secrets.ts'
import { silenceCommands } from './silences.ts'
import { startCommands } from './start-run.ts'
import { whereaboutsOf } from './whereabouts.ts'

const commands: Command[] = [
  deadLetterCommands,
  silenceCommands,
  hookCommands,
  startCommands,
  runsCommands,
  hostCommands,
  eventCommands,
  secretCommands,
  importCommands,
].flat()
const common = {
  json: { type: 'boolean', says: 'the answer as JSON, for programs' },
  help: { type: 'boolean', says: 'this' },
} as const

/** What a command line needs of the world. */
export type World = {
  env: NodeJS.ProcessEnv
  /** The stack that runs here. */
  local: Parameters<typeof whereaboutsOf>[1]
  now: number
  print(text: string): void
  warn(text: string): void
}

/** Does what a command line says. @throws Trouble */
export async function run(args: string[], { env, local, now, print, warn }: World): Promise<void> {
  const words = wordsOf(args)
  const found = commandOf(words)
  if (!found) {
    if (words.length === 0 || args.includes('--help')) return print(helpOfAll(commands, words[0]))
    throw new Trouble(misused, notKnown(words.slice(0, 2)))
  }
  const { command, used } = found
  const { values: given, positionals } = parsed(command, args)
  if (given.help) return print(helpOf(command, common))
  const [operand = '', ...more] = positionals.slice(used)
  const isThere = operand !== '' || command.optional === true
  const isWanted = command.operand !== undefined
  if (isThere !== isWanted || more.length > 0)
    throw new Trouble(misused, `Write it so: ${usage(command)} [options]`)
  await command.run({
    // Not everybody asks it.
    get client() {
      return clientOf(whereaboutsOf(env, local))
    },
    given,
    operand,
    namespace: env.ACTIVE_NAMESPACE || 'ops-system',
    tasks: env.ACTIVE_NAMESPACE || 'ops-runs',
    now,
    print,
    warn,
  })
}

/** What stands before the first option with a value. */
function wordsOf(args: string[]): string[] {
  const first = args.findIndex(arg => !arg.startsWith('-'))
  const rest = first < 0 ? [] : args.slice(first)
  const end = rest.findIndex(arg => arg.startsWith('-'))
  return end < 0 ? rest : rest.slice(0, end)
}

/** `hooks` alone lists them, as all that have a list. */
function commandOf([first, second]: string[]): { command: Command; used: number } | undefined {
  const named = (words: string) => commands.find(command => command.words === words)
  const exact = named(`${first} ${second}`)
  if (exact) return { command: exact, used: 2 }
  const alone = named(`${first}`) ?? (second === undefined ? named(`${first} list`) : undefined)
  return alone && { command: alone, used: 1 }
}

function notKnown(words: string[]): string {
  const said = words.join(' ')
  const all = commands.map(one => one.words)
  const meant = nearest(said, all)
  return `There is no "${said}": ${meant ? `did you mean "${meant}"?` : `there are ${all.join(', ')}`}`
}

function parsed(command: Command, args: string[]): { values: Given; positionals: string[] } {
  const options = { ...command.options, ...common }
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const unknown = /Unknown option '--([\w-]+)/.exec(said)?.[1]
    const meant = unknown && nearest(unknown, Object.keys(options))
    if (unknown === undefined) throw new Trouble(misused, said)
    const hint = meant ? `did you mean --${meant}?` : `${command.words} --help tells what there is`
    throw new Trouble(misused, `There is no option --${unknown}: ${hint}`)
  }
}
