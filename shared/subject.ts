/** What a subject is about: the last token of every subject of ours (design of the subjects, README "Subjects"). */
export const observations = ['status', 'metrics', 'logs', 'events', 'traces', 'alerts', 'findings'] as const
export type Observation = (typeof observations)[number]

/** NATS cuts the connection at a control line of 4 KiB; names of Kubernetes and tokens of ours stay far below. */
export const limits = { tokens: 32, characters: 1024 } as const

// What NATS allows in a token, less what it merely tolerates: controls, blanks and everything outside ASCII.
const forbidden = /[^!-~]|[.*>]/gu

/**
 * One name as exactly one token: lower-cased, and `_` for every character that cannot stand in a token, so that
 * `ip-10-0-0-1.ec2.internal` is `ip-10-0-0-1_ec2_internal`.
 * @throws RangeError for an empty name, since an empty token is never published
 */
export function token(name: string): string {
  if (name === '') throw new RangeError('Cannot make a subject token of an empty name')
  return name.replace(forbidden, '_').toLowerCase()
}

/** The subject of a namespaced resource, or without `namespace` of a cluster-scoped one; `plural` is the API's own. */
export function resourceSubject(about: {
  cluster: string
  namespace?: string
  plural: string
  name: string
  observation: Observation
}): string {
  const { cluster, namespace, plural, name, observation } = about
  const scope = namespace ? `namespaces.${token(namespace)}.` : ''
  return `ops.clusters.${token(cluster)}.${scope}${token(plural)}.${token(name)}.${observation}`
}

/** Why a text cannot be published as a subject, naming the token and the character, or undefined when it can. */
export function subjectProblem(text: string): string | undefined {
  return shapeProblem(text) ?? tokensProblem(text, (token, at) => characterProblem(token, at))
}

/** Why a text is no subject pattern, or undefined when it is one: `*` is one token, `>` one or more at the end. */
export function patternProblem(text: string): string | undefined {
  return (
    shapeProblem(text) ??
    tokensProblem(text, (token, at, last) => {
      if (token === '*') return undefined
      if (token !== '>') return characterProblem(token, at)
      return last ? undefined : `token ${at} is ">", which is allowed only at the end`
    })
  )
}

function shapeProblem(text: string): string | undefined {
  if (text === '') return 'it is empty'
  if (text.length > limits.characters)
    return `it has ${text.length} characters, at most ${limits.characters} are allowed`
  return undefined
}

function tokensProblem(
  text: string,
  problem: (token: string, at: number, last: boolean) => string | undefined,
): string | undefined {
  const tokens = text.split('.')
  if (tokens.length > limits.tokens)
    return `it has ${tokens.length} tokens, at most ${limits.tokens} are allowed`
  for (const [index, token] of tokens.entries()) {
    if (token === '') return `token ${index + 1} is empty`
    const found = problem(token, index + 1, index === tokens.length - 1)
    if (found) return found
  }
  return undefined
}

function characterProblem(token: string, at: number): string | undefined {
  const found = token.search(forbidden)
  if (found < 0) return undefined
  return `token ${at} has the character ${JSON.stringify(String.fromCodePoint(token.codePointAt(found) ?? 0))}`
}

/** Does NATS deliver `subject` to a subscription on `pattern`? Both well-formed, compared as they stand. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wants = pattern.split('.')
  const has = subject.split('.')
  for (const [index, want] of wants.entries()) {
    if (want === '>') return has.length > index
    if (index >= has.length) return false
    if (want !== '*' && want !== has[index]) return false
  }
  return wants.length === has.length
}

/** Is everything that `inner` matches matched by `outer` too? For rights: may a token with `outer` ask for `inner`? */
export function patternCovers(outer: string, inner: string): boolean {
  const wide = outer.split('.')
  const narrow = inner.split('.')
  for (const [index, want] of wide.entries()) {
    const has = narrow[index]
    if (has === undefined) return false
    if (want === '>') return true
    if (has === '>') return false
    if (want !== '*' && want !== has) return false
  }
  return wide.length === narrow.length
}

/** Is there a subject that both patterns match? */
export function patternsMeet(one: string, other: string): boolean {
  const [ones, others] = [one.split('.'), other.split('.')]
  for (let at = 0; at < Math.max(ones.length, others.length); at++) {
    const [a, b] = [ones[at], others[at]]
    if (a === undefined || b === undefined) return false
    if (a === '>' || b === '>') return true
    if (a !== '*' && b !== '*' && a !== b) return false
  }
  return true
}
