import { percentDecoded } from '../path.ts'
import type { Flaw } from './settings.ts'

/** What a hook's options say that every request of it carries, or what is wrong with them. */
export type Credentials = { headers: Record<string, string> } | { flaw: Flaw }

const prefix = 'headers.'

/**
 * `username` and `password` (Basic), `bearer`, and `headers.X-Name` for any other header; user and password of the URL
 * where the options have none. Names in lower case.
 */
export function credentialsOf(url: URL | undefined, options: Record<string, string>): Credentials {
  const { username, password, bearer } = options
  const named = Object.keys(options).filter(key => key.startsWith(prefix))
  // A name alone is none: a chat robot's is one too.
  const basic = password !== undefined
  const own = named.find(key => key.slice(prefix.length).toLowerCase() === 'authorization')
  const ways = [basic && 'password', bearer !== undefined && 'bearer', own].filter(
    way => typeof way === 'string',
  )
  const [way = '', ...others] = ways
  if (others.length > 0) return wrong(way, `and options.${others.join(' and options.')} exclude each other`)

  const headers: Record<string, string> = {}
  if (basic) {
    if (username?.includes(':')) return wrong('username', 'has a ":", which ends it')
    headers.authorization = basicOf(username ?? '', password)
  } else if (bearer !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(bearer))
      return wrong('bearer', 'has to be of visible ASCII characters without blanks')
    headers.authorization = `Bearer ${bearer}`
  } else if (own === undefined && url && (url.username !== '' || url.password !== '')) {
    headers.authorization = basicOf(asMeant(url.username), asMeant(url.password))
  }
  for (const key of named) {
    const name = key.slice(prefix.length).toLowerCase()
    const problem = headerProblem(name, options[key] ?? '')
    if (problem) return wrong(key, problem)
    headers[name] = options[key] ?? ''
  }
  return { headers }
}

const wrong = (option: string, problem: string): Credentials => ({
  flaw: { field: `options.${option}`, problem },
})

// A lone percent sign: as it stands.
const asMeant = (text: string) => percentDecoded(text) ?? text

const basicOf = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

// Those of the connection (RFC 9110, 7.6.1), of the message's frame, and what is ours to say.
const reserved =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host|content-length|webhook-.*|ce-.*|ops-hops)$/
const mostCharacters = 4_096

function headerProblem(name: string, value: string): string | undefined {
  // RFC 9110, 5.6.2.
  if (!/^[!#$%&'*+.^_`|~\w-]{1,128}$/.test(name)) return 'is no name of a header'
  if (reserved.test(name)) return 'is a header that a hook cannot set'
  if (value.length > mostCharacters) return `has more than ${mostCharacters} characters`
  return /^[\t\x20-\x7e]*$/.test(value) ? undefined : 'has other characters than those of ASCII'
}
