/**
 * A trie of words in flat arrays. State 0 is the root; states are numbered level by level, so that the children of
 * a state are neighbours: `first[state]` to before `first[state + 1]`. `label` is the class of the unit that leads to
 * a state, `wordAt` the index of the word that ends in it, or -1.
 */
export type WordTrie = {
  classOf: Int32Array
  classes: number
  first: Int32Array
  label: Int32Array
  wordAt: Int32Array
}

/** The trie of distinct words that are not empty, over classes of UTF-16 units. */
export function wordTrie(words: readonly string[]): WordTrie {
  const { classOf, classes } = classesOf(words)
  return { classOf, classes, ...byDepth(inOrder(words, classOf)) }
}

/** What stands at an index that is known to be within bounds, which the type checker cannot know. */
export const at = (array: Int32Array, index: number): number => array[index] ?? 0

/** One class for each unit that stands in a word, and class 0 for all others. */
function classesOf(words: readonly string[]) {
  const classOf = new Int32Array(65_536)
  let classes = 1
  for (const word of words) {
    for (let index = 0; index < word.length; index++) {
      const unit = word.charCodeAt(index)
      if (classOf[unit] === 0) classOf[unit] = classes++
    }
  }
  return { classOf, classes }
}

/** The trie in the order of the words, which puts a word right behind what it begins with. */
function inOrder(words: readonly string[], classOf: Int32Array) {
  const order = words.map((word, index) => ({ word, index })).sort((a, b) => (a.word < b.word ? -1 : 1))
  const most = words.reduce((sum, word) => sum + word.length, 1)
  const depthOf = new Int32Array(most)
  const parentOf = new Int32Array(most)
  const unitOf = new Int32Array(most)
  const wordOf = new Int32Array(most).fill(-1)
  const path: number[] = [0]
  let count = 1
  let before = ''
  for (const { word, index } of order) {
    let depth = 0
    while (depth < before.length && before.charCodeAt(depth) === word.charCodeAt(depth)) depth++
    for (; depth < word.length; depth++) {
      depthOf[count] = depth + 1
      parentOf[count] = path[depth] ?? 0
      unitOf[count] = at(classOf, word.charCodeAt(depth))
      path[depth + 1] = count++
    }
    wordOf[path[word.length] ?? 0] = index
    before = word
  }
  return { count, depthOf, parentOf, unitOf, wordOf }
}

/** The same renumbered level by level. */
function byDepth({ count, depthOf, parentOf, unitOf, wordOf }: ReturnType<typeof inOrder>) {
  const places: number[] = []
  for (let node = 0; node < count; node++) {
    const depth = at(depthOf, node)
    places[depth + 1] = (places[depth + 1] ?? 0) + 1
    places[depth] ??= 0
  }
  for (let depth = 1; depth < places.length; depth++)
    places[depth] = (places[depth] ?? 0) + (places[depth - 1] ?? 0)
  const renumbered = new Int32Array(count)
  const label = new Int32Array(count)
  const parent = new Int32Array(count)
  const wordAt = new Int32Array(count)
  const first = new Int32Array(count + 1)
  for (let node = 0; node < count; node++) {
    const depth = at(depthOf, node)
    const state = places[depth] ?? 0
    places[depth] = state + 1
    renumbered[node] = state
    label[state] = at(unitOf, node)
    wordAt[state] = at(wordOf, node)
    // A parent was met before its children.
    parent[state] = at(renumbered, at(parentOf, node))
  }
  for (let state = 1; state < count; state++) first[at(parent, state) + 1] = state + 1
  // A state without children has an empty range: where the one before it ends.
  first[0] = 1
  for (let state = 1; state <= count; state++) first[state] = Math.max(at(first, state), at(first, state - 1))
  return { first, label, wordAt }
}
