import type { LookupAddress } from 'node:dns'
import { lookup as lookUp } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'

/** Why an address that a host stands for is not connected to, or undefined when it may be. */
export type Guard = (address: string, host: string) => string | undefined

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<LookupAddress[]>

/** The guard does not allow it; the message is what it said. */
export class Forbidden extends Error {}

/**
 * Opens connections of undici to allowed addresses only. A host whose addresses are not all allowed is refused as a
 * whole: who mixes them means to get past. What is connected to are the very addresses that were looked at, never
 * those of a second question; and who is at the other end is looked at once more, before a byte is sent.
 */
export function guardedConnector({
  guard,
  timeout,
  resolve = systemResolve,
}: {
  guard: Guard
  timeout: number
  resolve?: Resolve | undefined
}): buildConnector.connector {
  const resolveOnce = together(resolve)

  const lookup: LookupFunction = (host, { all }, answer) => {
    resolveOnce(host).then(
      found => {
        const [first] = found
        const why = found.map(({ address }) => guard(address, host)).find(Boolean)
        if (why) answer(new Forbidden(why), [])
        else if (!first) answer(Object.assign(new Error('No address'), { code: 'ENOTFOUND' }), [])
        else if (all) answer(null, found)
        else answer(null, first.address, first.family)
      },
      error => answer(error, []),
    )
  }
  const connect = buildConnector({ timeout, lookup, allowH2: false })

  return (options, callback) => {
    const { hostname } = options
    // Node asks no lookup for what is an address already.
    const why = isIP(hostname) === 0 ? undefined : guard(hostname, hostname)
    if (why) return queueMicrotask(() => callback(new Forbidden(why), null))
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null)
      // Without an address it has been closed again.
      const { remoteAddress } = socket
      const late = remoteAddress === undefined ? undefined : guard(remoteAddress, hostname)
      if (late === undefined) return callback(null, socket)
      socket.destroy()
      callback(new Forbidden(late), null)
    })
  }
}

// As every program on this machine resolves names, search domains and /etc/hosts included.
const systemResolve: Resolve = host => lookUp(host, { all: true })

/** One question at a time for each name: four that hang would stop the system's resolver for all others. */
function together(resolve: Resolve): Resolve {
  const asked = new Map<string, Promise<LookupAddress[]>>()
  return host => {
    const known = asked.get(host)
    if (known) return known
    const question = resolve(host).finally(() => asked.delete(host))
    asked.set(host, question)
    return question
  }
}
