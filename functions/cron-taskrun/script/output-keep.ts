/** Keeps the head and the tail of a text of any length, and says how much is missing between them. */
export function keeper(most: number) {
  const mostOfHead = Math.floor(most / 2)
  const mostOfTail = most - mostOfHead
  let head = ''
  let tail = ''
  let dropped = 0
  let strange = 0
  let all = 0

  return {
    push(text: string) {
      all += text.length
      // ESC begins a colour: no sign of binary output.
      strange += (text.match(unreadable)?.length ?? 0) - (text.split('\u001B').length - 1)
      const visible = text.replaceAll(unseen, '')
      const first = visible.slice(0, mostOfHead - head.length)
      head += first
      tail += visible.slice(first.length)
      // Cut in big steps: each one copies all of it.
      if (tail.length > 4 * mostOfTail + 65_536) cut()
    },
    end(): string {
      if (tail.length > mostOfTail) cut()
      const gap = dropped > 0 ? `\n… ${dropped} bytes are left out here …\n` : ''
      const note = strange * 10 > all ? '(What it printed is binary, and no text.)\n' : ''
      return `${note}${head}${gap}${tail}`.toWellFormed()
    },
  }

  function cut() {
    const gone = tail.slice(0, tail.length - mostOfTail)
    dropped += Buffer.byteLength(gone)
    tail = tail.slice(gone.length)
  }
}

const unreadable = /[^\P{Cc}\s]|\uFFFD/gu
const unseen = /[^\P{Cc}\t\n]/gu
