/** Numbers from 0 to 1 that are the same for the same seed (mulberry32, of the public domain). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixing = Math.imul(state ^ (state >>> 15), 1 | state)
    mixing = (mixing + Math.imul(mixing ^ (mixing >>> 7), 61 | mixing)) ^ mixing
    return ((mixing ^ (mixing >>> 14)) >>> 0) / 2 ** 32
  }
}
