import { tlsProblem } from './tls-problem.ts'

/** What a failure of the database says: PostgreSQL's SQLSTATE or the code of Node's error; both empty for what is no error. */
export function saidByDatabase(error: unknown): { code: string; message: string } {
  // Of several addresses that were tried.
  if (error instanceof AggregateError && error.errors.length > 0) return saidByDatabase(error.errors[0])
  if (!(error instanceof Error)) return { code: '', message: '' }
  const problem = tlsProblem(error, inUrl)
  // sqlclient_unable_to_establish_sqlconnection: what PostgreSQL's own clients say of it.
  if (problem) return { code: '08001', message: `Of the database in DATABASE_URL: ${problem}` }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}

/** What its clients show stands in the URL. */
const inUrl = { certificate: 'sslcert', key: 'sslkey' }
