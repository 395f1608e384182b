/** How many texts are remembered at least, and how long they are at most, in characters. */
type Bounds = { texts: number; longest: number }

/**
 * The same function of a text, which remembers what it said of the last ones: messages repeat. Twice as many as `texts` at
 * most, in two generations: what is asked for again moves into the younger, and the older one is forgotten whole.
 */
export function remembering<T>(of: (text: string) => T, { texts, longest }: Bounds): (text: string) => T {
  let [younger, older] = [new Map<string, T>(), new Map<string, T>()]
  return text => {
    if (text.length > longest) return of(text)
    const known = younger.get(text)
    if (known !== undefined) return known
    const found = older.get(text) ?? of(text)
    if (younger.size >= texts) [younger, older] = [new Map(), younger]
    younger.set(text, found)
    return found
  }
}
