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
  /**
   * What it does here instead of sending to an address, such as `starts a Task`: it has no url, tells nobody anything,
   * and keeps nothing secret.
   */
  inside?: string
  /** It has a signature of its own with `options.secret`: no further one is made with it. */
  signsItself?: true
  /** The options that it has beside those of every kind; `labels.` stands for all that begin so. */
  options: readonly string[]
  /** What keeps every delivery from being sent, whatever the event. */
  flaws?(settings: Settings): Flaw[]
  /** Which of its options are templates in Liquid, by name. */
  templates?(options: Settings['options']): Record<string, string>
}

/** What all options of one prefix say, by the rest of their names. */
export const under = (options: Settings['options'], prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )

/** A flaw as a sentence. */
export const sentenceOf = ({ field, problem }: Flaw): string => `${field} ${problem}`

/** The flaw of an option, in a list, where `is`. */
export const flawIf = (is: boolean, option: string, problem: string): Flaw[] =>
  is ? [{ field: `options.${option}`, problem }] : []
