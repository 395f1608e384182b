import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * What `subjectMatches` says, of a column: a range, by which an index is used, of what stands before the first wildcard,
 * and an expression for the rest. Of `C` collation, where order and letters are bytes.
 */
export function subjectSql(column: Expression<string>, pattern: string): RawBuilder<SqlBool> {
  const subject = sql`${column} collate "C"`
  const tokens = pattern.split('.')
  const literal = tokens.findIndex(token => token === '*' || token === '>')
  if (literal < 0) return sql<SqlBool>`${subject} = ${pattern}`
  if (pattern === '>') return sql<SqlBool>`true`
  const prefix = tokens
    .slice(0, literal)
    .map(token => `${token}.`)
    .join('')
  // "/" is what comes after ".": beyond all that begins with the prefix.
  const within = sql<SqlBool>`(${subject} >= ${prefix} and ${subject} < ${prefix.replace(/\.$/, '/')})`
  const isRange = literal === tokens.length - 1 && tokens[literal] === '>'
  if (isRange) return within
  // Far cheaper, and keeps out most of what the expression would.
  const looks = sql<SqlBool>`${subject} like ${likenessOf(tokens)}`
  const matches = sql<SqlBool>`(${looks} and ${subject} ~ ${expressionOf(tokens)})`
  return literal === 0 ? matches : sql<SqlBool>`(${within} and ${matches})`
}

/** Any of them; nothing where there is none. */
export function anySubjectSql(column: Expression<string>, patterns: readonly string[]): RawBuilder<SqlBool> {
  if (patterns.length === 0) return sql<SqlBool>`false`
  if (patterns.includes('>')) return sql<SqlBool>`true`
  const all = patterns.map(pattern => subjectSql(column, pattern))
  return sql<SqlBool>`(${sql.join(all, sql` or `)})`
}

// All that matches and more: here a wildcard may have dots in it.
const likenessOf = (tokens: string[]) =>
  tokens.map(token => (/^[*>]$/.test(token) ? '%' : token.replaceAll(/[\\%_]/g, '\\$&'))).join('.')

// PostgreSQL's own expressions: a dot and a class have line feeds too, and "^" and "$" are the ends of all of it.
function expressionOf(tokens: string[]): string {
  const parts = tokens.map(token => {
    if (token === '*') return '[^.]*'
    return token === '>' ? '.*' : token.replaceAll(/[^A-Za-z0-9]/g, '\\$&')
  })
  return `^${parts.join('\\.')}$`
}
