import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** One address in front of many, as a Service of Kubernetes is. */
export type Service = {
  url: string
  /** Connections that come from now on go to these ports in turn; those that are there stay where they are. */
  route(ports: number[]): void
  /** How many connections found nobody listening. */
  refused(): number
  close(): void
}

/** Opens one with nobody behind it. */
export async function openService(): Promise<Service> {
  const sockets = new Set<Socket>()
  let ports: number[] = []
  let turn = 0
  let refused = 0

  function keep(socket: Socket, other: Socket): void {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const port = ports[turn++ % ports.length]
    if (port === undefined) return client.resetAndDestroy()
    const pod = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    // As from an address where nobody listens any more.
    pod.on('error', error => {
      if ('code' in error && error.code === 'ECONNREFUSED') refused++
      client.resetAndDestroy()
    })
    client.on('error', () => pod.destroy())
    keep(client, pod)
    keep(pod, client)
    client.pipe(pod).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    route(to) {
      ports = to
    },
    refused: () => refused,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
