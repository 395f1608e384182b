import { percentDecoded } from './path.ts'

/**
 * The servers of NATS that a text names, separated by commas: `nats://`, `tls://` or `http://`, or without any of them.
 * The text may hold a password, so no message shows it.
 * @throws RangeError when it names none, or something else
 */
export function serversOf(endpoint: string): URL[] {
  return endpoint.split(',').map(part => {
    const text = part.trim()
    const url = URL.parse(/^(nats|tls|http):\/\//.test(text) ? text : `nats://${text}`)
    const isOther = /^\w+:\/\//.test(text) && !/^(nats|tls|http):/.test(text)
    if (!url?.hostname || isOther) throw new RangeError(`Cannot read the NATS endpoint: ${wanted}`)
    if ([url.username, url.password].some(word => percentDecoded(word) === undefined))
      throw new RangeError(
        'Cannot read the NATS endpoint: a "%" in user or password has to be written as %25',
      )
    return url
  })
}

/** Why a text names no servers of NATS, or undefined when it does. */
export function endpointProblem(endpoint: string): string | undefined {
  try {
    serversOf(endpoint)
    return undefined
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return error.message.replace(/^.*?: /, '')
  }
}

const wanted = 'it has to be nats://host:4222, several separated by commas'
