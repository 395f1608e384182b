import { at, wordTrie } from './word-trie.ts'

/** Which of many words stand in a text, found in one pass over it. What a search found holds until the next one. */
export type WordFinder = {
  /** The indexes of the distinct words that stand in the text. */
  search(text: string): readonly number[]
  /** Did the last search find the word of this index? */
  found(word: number): boolean
}

// Full rows of the automaton, 4 MB at most. The states beyond, which are the deepest, have their own edges only.
const cells = 1_000_000

/**
 * An Aho-Corasick automaton over UTF-16 units (Aho and Corasick, CACM 18, 1975). The words are distinct and not empty.
 *
 * Its states are those of the trie, so that the state one falls back to comes before it. The first `dense` states have a full row of next cells. A cell names a state: by where its row
 * starts, by numbers beyond the rows where it has none, and complemented where a word ends in it.
 */
export function wordFinder(words: readonly string[]): WordFinder {
  const { classOf, classes, first, label, wordAt } = wordTrie(words)
  const states = label.length
  const dense = Math.min(states, Math.max(1, Math.floor(cells / classes)))
  const rows = new Int32Array(dense * classes)
  const size = rows.length
  const fallback = new Int32Array(states)
  // The state of the longest word that a state's text ends with; 0 for none.
  const ending = new Int32Array(states)

  const placeOf = (state: number) => (state < dense ? state * classes : size + state - dense)
  const stateAt = (place: number) => (place < size ? place / classes : place - size + dense)
  const cellOf = (state: number) => (at(ending, state) > 0 ? ~placeOf(state) : placeOf(state))

  function next(from: number, unit: number): number {
    let state = from
    while (state >= dense) {
      const child = childOf(state, unit)
      if (child > 0) return child
      state = at(fallback, state)
    }
    const cell = at(rows, state * classes + unit)
    return stateAt(cell < 0 ? ~cell : cell)
  }

  function childOf(state: number, unit: number): number {
    const last = at(first, state + 1)
    for (let child = at(first, state); child < last; child++) if (at(label, child) === unit) return child
    return 0
  }

  // A row is filled when the state is met, from its fallback's row, which is filled by then; so `next` may be asked.
  for (let state = 0; state < states; state++) {
    if (state > 0 && state < dense) {
      const back = placeOf(at(fallback, state))
      rows.copyWithin(placeOf(state), back, back + classes)
    }
    for (let child = at(first, state); child < at(first, state + 1); child++) {
      const back = state === 0 ? 0 : next(at(fallback, state), at(label, child))
      fallback[child] = back
      ending[child] = at(wordAt, child) >= 0 ? child : at(ending, back)
      if (state < dense) rows[placeOf(state) + at(label, child)] = cellOf(child)
    }
  }

  const starts = startsOf(words)
  const unitsOf = copier()
  const marks = new Uint8Array(words.length)
  const hits: number[] = []

  function note(state: number) {
    for (let end = at(ending, state); end > 0; end = at(ending, at(fallback, end))) {
      const word = at(wordAt, end)
      // Whoever noted this word noted the shorter ones that it ends with.
      if (marks[word]) return
      marks[word] = 1
      hits.push(word)
    }
  }

  return {
    search(text) {
      for (const word of hits) marks[word] = 0
      hits.length = 0
      const units = unitsOf(text)
      const { length } = text
      let index = 0
      while (index < length) {
        // Most of a text is read at the root, where no word begins: two units tell that without waiting for a state.
        while (index < length && starts[pairOf(unitAt(units, index), unitAt(units, index + 1))] === 0) index++
        let place = 0
        while (index < length) {
          const kind = at(classOf, unitAt(units, index++))
          place = place < size ? at(rows, place + kind) : cellOf(next(stateAt(place), kind))
          if (place === 0) break
          if (place > 0) continue
          place = ~place
          note(stateAt(place))
        }
      }
      return hits
    },
    found: word => marks[word] === 1,
  }
}

/** Copies a text's units into an array that it uses again, with a 0 behind: half the time of asking the string for each. */
function copier(): (text: string) => Uint16Array {
  let units = new Uint16Array(4096)
  let bytes = Buffer.from(units.buffer)
  return text => {
    if (text.length >= units.length) {
      units = new Uint16Array(text.length * 2)
      bytes = Buffer.from(units.buffer)
    }
    bytes.write(text, 'utf16le')
    units[text.length] = 0
    return units
  }
}

const pairOf = (unit: number, following: number) => ((unit << 7) ^ following) & 0xffff

/** Marks for the pairs of units a word can begin with. A word of one unit can begin with any. */
function startsOf(words: readonly string[]): Uint8Array {
  const starts = new Uint8Array(0x10000)
  for (const word of words) {
    if (word.length === 1) return starts.fill(1)
    starts[pairOf(word.charCodeAt(0), word.charCodeAt(1))] = 1
  }
  return starts
}

// Apart from `at`: a function that sees two kinds of arrays is slow with both.
const unitAt = (units: Uint16Array, index: number): number => units[index] ?? 0
