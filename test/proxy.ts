import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy in front of a server on this machine; bytes pass unread, TLS too. */
export type Proxy = {
  port: number
  /** Resets all its connections; new ones are taken. */
  cut(): void
  /** From now on nothing passes, in either direction, while all connections stay open: those of today and new ones. */
  hold(): void
  /** Lets everything pass again that was held. */
  resume(): void
  stop(): Promise<void>
}

type Pair = { near: Socket; far: Socket }

/** Starts a proxy on a free port of loopback. */
export async function startProxy({ port }: { port: number }): Promise<Proxy> {
  const pairs = new Set<Pair>()
  let held = false

  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    const pair = { near, far }
    pairs.add(pair)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', () => reset(pair))
      socket.on('close', () => {
        if (near.destroyed && far.destroyed) pairs.delete(pair)
      })
    }
    if (!held) join(pair)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()

  const join = ({ near, far }: Pair) => {
    near.pipe(far)
    far.pipe(near)
  }
  const reset = (pair: Pair) => {
    pairs.delete(pair)
    for (const socket of [pair.near, pair.far]) if (!socket.destroyed) socket.resetAndDestroy()
  }
  const cut = () => {
    for (const pair of pairs) reset(pair)
  }
  return {
    port: address && typeof address === 'object' ? address.port : 0,
    cut,
    hold() {
      held = true
      for (const { near, far } of pairs) {
        near.unpipe(far)
        far.unpipe(near)
      }
    },
    resume() {
      if (!held) return
      held = false
      for (const pair of pairs) join(pair)
    },
    async stop() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
