import type { Speak } from './pretended.ts'

/**
 * As NATS: every publish is stored, and every question is answered with the same, which any of them finds its part in.
 * `part`: what KV says is in force.
 */
export const natsLike =
  (part: string): Speak =>
  socket => {
    const about = {
      server_id: 'cache',
      version: '2.12.0',
      proto: 1,
      headers: true,
      max_payload: 1_048_576,
      jetstream: true,
    }
    socket.write(`INFO ${JSON.stringify(about)}\r\n`)
    const manifest = btoa(JSON.stringify({ revision: 'cache', parts: [part], before: [] }))
    const state = { messages: 0, bytes: 0, first_seq: 0, last_seq: 0, consumer_count: 0 }
    const stored = {
      stream: 'cache',
      seq: 1,
      type: 'cache',
      config: { name: 'cache' },
      created: '2026-01-01T00:00:00Z',
      state,
    }
    const message = { subject: '$KV.hooks.current', seq: 1, data: manifest, time: '2026-01-01T00:00:00Z' }
    const answer = JSON.stringify({ ...stored, message })
    const inboxes = new Map<string, string>()

    return (said: string): string => {
      let at = 0
      for (;;) {
        const end = said.indexOf('\r\n', at)
        if (end < 0) return said.slice(at)
        const [verb = '', subject = '', ...more] = said.slice(at, end).split(' ')
        const published = /^H?PUB$/.test(verb)
        const next = end + 2 + (published ? Number(more.at(-1)) + 2 : 0)
        if (said.length < next) return said.slice(at)
        if (verb === 'PING') socket.write('PONG\r\n')
        if (verb === 'SUB') inboxes.set(subject.replace(/\*$/, ''), more.at(-1) ?? '')
        const reply = published && more.length > (verb === 'PUB' ? 1 : 2) ? (more[0] ?? '') : ''
        const sid = inboxes.get(reply.replace(/[^.]*$/, ''))
        if (sid) socket.write(`MSG ${reply} ${sid} ${answer.length}\r\n${answer}\r\n`)
        at = next
      }
    }
  }
