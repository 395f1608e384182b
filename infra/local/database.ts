import { join } from 'node:path'
import { embeddedLauncher } from './embedded.ts'
import { type Postgres, postgresLauncher } from './postgres.ts'
import { type PostgresFiles, providePostgres } from './programs/postgres.ts'

type Kind = 'real' | 'embedded'

/** A database of the stack's own; `what` tells which it is. */
export type OwnDatabase = { what: string; launch(): Promise<Postgres> }

/**
 * PostgreSQL, or where there is none to be had the embedded one; OPS_LOCAL_POSTGRES settles which. The data are in a
 * folder of `dir`, one for each version, since none reads those of another.
 * @throws RangeError where OPS_LOCAL_POSTGRES is neither; Error where it asks for one that cannot be had
 */
export async function ownDatabase(options: {
  dir: string
  env: NodeJS.ProcessEnv
  say(line: string): void
  /** Takes what it logs. */
  line(text: string): void
}): Promise<OwnDatabase> {
  const { env, line, say } = options
  const dir = join(options.dir, 'postgres')
  const files = await wanted(env.OPS_LOCAL_POSTGRES, say)
  if (!files) {
    const launch = embeddedLauncher({ dir: join(dir, 'embedded'), line })
    return { what: 'The embedded PostgreSQL (PGlite)', launch }
  }
  const launch = postgresLauncher({ dir: join(dir, `${Number.parseInt(files.version, 10)}`), line, say })
  return { what: `PostgreSQL ${files.version}`, launch }
}

async function wanted(
  chosen: string | undefined,
  say: (line: string) => void,
): Promise<PostgresFiles | undefined> {
  switch (kindOf(chosen)) {
    case 'embedded':
      return undefined
    case 'real':
      return providePostgres(say)
    case undefined:
      return providePostgres(say).catch(error => {
        say(`${error.message}\nUsing the embedded one, in which all wait for one another`)
        return undefined
      })
  }
}

function kindOf(chosen: string | undefined): Kind | undefined {
  if (chosen === undefined || chosen === '') return undefined
  if (chosen === 'real' || chosen === 'embedded') return chosen
  throw new RangeError(`OPS_LOCAL_POSTGRES is "${chosen}", it has to be "real" or "embedded"`)
}
