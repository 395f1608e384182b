/** The one of `names` that was probably meant by `given`: at most two letters apart, or a third of a longer word. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const word = given.toLowerCase()
  const ranked = names
    .map(name => ({ name, apart: lettersApart(word, name.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart)
  const [best] = ranked
  return best && best.apart <= Math.max(2, Math.floor(word.length / 3)) ? best.name : undefined
}

/** Letters to change, add or leave out to get from one word to the other (Levenshtein). */
function lettersApart(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      const shorter = Math.min(above[column + 1] ?? 0, current[column] ?? 0) + 1
      current.push(Math.min(replaced, shorter))
    }
    above = current
  }
  return above[to.length] ?? 0
}
