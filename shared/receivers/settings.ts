/** Where a hook sends to and how; `url` is undefined where its text is none. */
export type Settings = { url: URL | undefined; options: Record<string, string> }

/**
 * What is wrong with one of them: `field` is `url` or `options.x`, and `problem` goes on behind it: `is missing: …`.
 * Neither shows a value.
 */
export type Flaw = { field: string; problem: string }

/** What a kind of receiver knows and asks of the settings of a hook. */
export type Receiver = {
  /** Where it is for a hook without a url, for services of which there is one. */
  home?: URL
  /** It has a signature of its own with `options.secret`: no further one is made with it. */
  signsItself?: true
  /** The options that it has beside those of every kind; `labels.` stands for all that begin so. */
  options: readonly string[]
  /** What keeps every delivery from being sent, whatever the event. */
  flaws?(settings: Settings): Flaw[]
}

/** A flaw as a sentence. */
export const sentenceOf = ({ field, problem }: Flaw): string => `${field} ${problem}`

/** The flaw of an option, in a list, where `is`. */
export const flawIf = (is: boolean, option: string, problem: string): Flaw[] =>
  is ? [{ field: `options.${option}`, problem }] : []
