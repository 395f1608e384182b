import type { Client } from './client.ts'

/** What was given, by the names of the options. */
export type Given = Record<string, string | boolean | (string | boolean)[] | undefined>

/** An option as parseArgs has it, with what it is for; `hint` stands for its value. */
export type Option = {
  type: 'string' | 'boolean'
  multiple?: boolean
  short?: string
  hint?: string
  says: string
}

/** One command of the command line. */
export type Command = {
  /** By which it is called: `deadletters list`. */
  words: string
  /** What has to follow them, if anything. */
  operand?: string
  /** It may be left out. */
  optional?: true
  says: string
  options: Record<string, Option>
  /** @throws Trouble */
  run(about: {
    client: Client
    given: Given
    operand: string
    /** Where things are of which no other namespace is said. */
    namespace: string
    /** Where Tasks, Hosts and their runs are, the same: as installed, apart from our own Secrets. */
    tasks: string
    now: number
    print(text: string): void
    /** For people, beside what is printed. */
    warn(text: string): void
  }): Promise<void>
}
