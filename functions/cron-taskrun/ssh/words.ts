/** As much as a login shell may print of its own before what we asked for. */
const mostNoise = 64 * 1024

/** What the program says, from all that comes on stderr, where a login shell may print too. */
export function wordsOf(nonce: string, say: (word: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = (lines.pop() ?? '').slice(-mostNoise)
    for (const line of lines) {
      const at = line.indexOf(`${nonce} `)
      if (at >= 0) say(line.slice(at + nonce.length + 1))
    }
  }
}

/** Hands on what comes after the line of the nonce. */
export function after(nonce: string, push: (chunk: Buffer) => void): (chunk: Buffer) => void {
  const line = Buffer.from(`${nonce}\n`)
  let before: Buffer | undefined = Buffer.alloc(0)
  return chunk => {
    if (!before) return push(chunk)
    const all = Buffer.concat([before, chunk])
    const at = all.indexOf(line)
    before = at < 0 ? all.subarray(-mostNoise) : undefined
    if (at >= 0 && at + line.length < all.length) push(all.subarray(at + line.length))
  }
}
