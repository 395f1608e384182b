import type { Speak } from './pretended.ts'

/** As PostgreSQL: it does whatever it is asked for, and has no row of anything. */
export const postgresLike: Speak = socket => {
  const message = (type: string, body = '') => `${type}\0\0\0${String.fromCharCode(body.length + 4)}${body}`
  const [done, ready] = [message('C', 'SELECT 0\0'), message('Z', 'I')]
  const answers: Record<string, string> = {
    ...{ Q: done + ready, P: message('1'), B: message('2'), D: message('n'), E: done, S: ready },
  }
  let started = false

  return (said: string): string => {
    let at = 0
    for (;;) {
      // What begins a connection has no type before its length.
      const head = started ? 1 : 0
      if (said.length < at + head + 4) return said.slice(at)
      const next = at + head + Buffer.from(said.slice(at + head, at + head + 4), 'latin1').readUInt32BE()
      if (said.length < next) return said.slice(at)
      socket.write(started ? (answers[said[at] ?? ''] ?? '') : message('R', '\0\0\0\0') + ready)
      started = true
      at = next
    }
  }
}
