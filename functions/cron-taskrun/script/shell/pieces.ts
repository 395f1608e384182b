/** How a character of a script is quoted where it stands. */
export type Quoting = 'bare' | 'single' | 'ansi' | 'double' | 'backtick' | 'document' | 'verbatim' | 'between'

/** Where a character of a piece stands in the script. */
export type Unit = { from: number; to: number; quoting: Quoting }

/** What the shell makes of a part of a script, quoting taken away; what it puts in there is one `opaque` each. */
export type Piece = { text: string; units: Unit[] }
export const opaque = '\uE000'

/** `${name}` of a name that is known. `loose`: another form, such as `$name`, which is the shell's own business. */
export type Reference = {
  name: string
  from: number
  to: number
  quoting: Quoting
  of: Piece | undefined
  loose: boolean
  arithmetic: boolean
}

export type Word = Piece & { from: number; to: number }

/** A here-document. `opener` is the word after `<<`, `closer` the line that ends it. */
export type Document = Piece & {
  from: number
  to: number
  quoted: boolean
  delimiter: string
  opener: { from: number; to: number }
  closer: { from: number; to: number } | undefined
  tabs: boolean
}

/** A simple command. Its output goes `into` another, or becomes a part of the word that it stands `within`. */
export type Command = {
  words: Word[]
  documents: Document[]
  /** Here-strings. */
  strings: Word[]
  /** Files that it writes. */
  targets: Word[]
  into: Command | undefined
  within: Piece | undefined
}

export type Scan = {
  commands: Command[]
  references: Reference[]
  /** What stands in backticks: a script of its own. */
  backticks: Piece[]
}
