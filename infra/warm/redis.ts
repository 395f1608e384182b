import type { Speak } from './pretended.ts'

/** As Redis: it keeps nothing but these hooks. */
export const redisLike =
  (hooks: string): Speak =>
  socket => {
    const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
    const answers: Record<string, (args: number) => string> = {
      hello: () => `%1\r\n${bulk('server')}${bulk('redis')}`,
      info: () => bulk('redis_version:7.0.0\r\nloading:0\r\n'),
      get: () => bulk(hooks),
      mget: keys => `*${keys}\r\n${'_\r\n'.repeat(keys)}`,
      eval: () => '_\r\n',
    }

    return (said: string): string => {
      let rest = said
      for (;;) {
        const count = Number(/^\*(\d+)\r\n/.exec(rest)?.[1])
        // Its arguments are texts of ours, with no line of their own that looks like a length.
        const command = new RegExp(`^\\*${count}\\r\\n(?:\\$\\d+\\r\\n[^]*?\\r\\n){${count}}(?=\\*|$)`).exec(
          rest,
        )?.[0]
        if (!command) return rest
        const verb = command.split('\r\n')[2]?.toLowerCase() ?? ''
        socket.write(answers[verb]?.(count - 1) ?? '+OK\r\n')
        rest = rest.slice(command.length)
      }
    }
  }
