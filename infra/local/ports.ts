import { createServer } from 'node:net'
import type { LocalProcess } from './processes.ts'

/** The port that listening on `port` gives; undefined when it is taken. */
function tryPort(port: number): Promise<{ port: number; close(): void } | undefined> {
  return new Promise(resolve => {
    // On all addresses: free there is free on loopback too.
    const server = createServer().listen(port)
    server.on('error', () => resolve(undefined))
    server.on('listening', () => {
      const address = server.address()
      if (address && typeof address === 'object') resolve({ port: address.port, close: () => server.close() })
    })
  })
}

// Where no system takes ports from for connections that go out: one of these would else have it before it is used.
const lowest = 20_000
const highest = 29_999

/** So many different ports that nothing listens on right now. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; close(): void }[] = []
  for (let tries = 0; held.length < count && tries < count + 1_000; tries++) {
    // By chance, since others look for some at the same time. Held until each is known, so that none comes twice.
    const one = await tryPort(lowest + Math.floor(Math.random() * (highest - lowest + 1)))
    if (one) held.push(one)
  }
  for (const one of held) one.close()
  if (held.length < count) throw new Error(`Cannot find ${count} free ports on this machine`)
  return held.map(({ port }) => port)
}

/** A port that nothing listens on right now. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port ?? 0
}

/** `wanted`, or the first one above it that is free and nobody's of ours. */
export async function freeFrom(wanted: number, ours: number[] = []): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + 100, 65_536); port++) {
    if (ours.includes(port)) continue
    const one = await tryPort(port)
    if (one) {
      one.close()
      return port
    }
  }
  throw new Error(`Cannot find a free port in the hundred from ${wanted}`)
}

/** The port of each process of the table, by its name: as its row says where that is free, and says so where it is not. */
export async function choosePorts(
  table: LocalProcess[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Record<string, number>> {
  const free = await freePorts(table.length)
  const ports: Record<string, number> = {}
  for (const [index, { name, port }] of table.entries()) {
    if (!port) {
      ports[name] = free[index] ?? 0
      continue
    }
    const wanted = Number(env[port.env] || port.otherwise)
    if (!(Number.isInteger(wanted) && wanted > 0 && wanted < 65_536)) {
      throw new RangeError(`${port.env} is "${env[port.env]}", it has to be a port from 1 to 65535`)
    }
    const got = await freeFrom(wanted, Object.values(ports))
    ports[name] = got
    if (got !== wanted) say(`Port ${wanted} is taken, ${name} gets ${got}. ${port.whenTaken}`)
    else if (port.elsewhere && got !== port.otherwise && !env.RESOURCES_DIR)
      say(`${name} is at ${got}, but ${port.elsewhere}`)
  }
  return ports
}
