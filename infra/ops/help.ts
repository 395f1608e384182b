import type { Command, Option } from './command.ts'
import { table } from './table.ts'

const about = `npm run ops -- <command> [options]

Most commands ask ops-api: OPS_API is its URL, and OPS_TOKEN a token of it; without them those of the stack that
"npm start" runs. "secrets" and "import" need neither. Ends with 0 when it is done, 1 when ops-api refused or not all
could be done, 2 when the command is not understood, 3 when ops-api cannot be reached. Programs call "npm run -s ops --
… --json".`

/** What all commands are for, or those that begin with a word. */
export function helpOfAll(commands: Command[], first?: string): string {
  const some = commands.filter(({ words }) => words.split(' ')[0] === first)
  const rows = (some.length > 0 ? some : commands).map(one => [`  ${usage(one)}`, one.says])
  return `${about}\n\n${table(['  COMMAND', 'WHAT IT DOES'], rows)}\n\n<command> --help tells its options.`
}

/** What one command is for and what can be told it. */
export function helpOf(command: Command, common: Record<string, Option>): string {
  const rows = Object.entries({ ...command.options, ...common }).map(([name, { short, hint, says }]) => [
    `  ${short ? `-${short}, ` : ''}--${name}${hint ? ` <${hint}>` : ''}`,
    says,
  ])
  return `npm run ops -- ${usage(command)} [options]\n\n${command.says}\n\n${table(['  OPTION', 'WHAT IT SAYS'], rows)}`
}

/** How a command is written. */
export function usage({ words, operand, optional }: Command): string {
  if (!operand) return words
  return `${words} ${optional ? `[${operand}]` : `<${operand}>`}`
}
