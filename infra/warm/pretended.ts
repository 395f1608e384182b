import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** How a server goes on with one connection: it answers what was said, in latin1, and gives back what is not whole yet. */
export type Speak = (socket: Socket) => (said: string) => string

/** A server on a port of its own that speaks so. */
export async function pretended(speak: Speak) {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    const rest = speak(socket)
    let said = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      said = rest(said + text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
