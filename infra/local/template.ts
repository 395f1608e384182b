import { existsSync } from 'node:fs'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastLines, runToEnd } from './command.ts'
import { cacheFolder, fillBeside } from './programs/cache.ts'
import type { PostgresFiles } from './programs/postgres.ts'
import { giveAway, unprivileged } from './unprivileged.ts'

// Of what is below: another recipe makes another template.
const recipe = 1

// Nobody who may do everything can come in, since whoever has that right may run programs as the server does.
const whoMayCome = 'host all ops 127.0.0.1/32 trust\n'

const firstStatements = `CREATE ROLE ops LOGIN CREATEDB;
CREATE DATABASE ops OWNER ops;
`

/** Puts a data folder with an empty database `ops`, owned by a role `ops`, at `dir`, which is not there yet. */
export async function copyTemplate(files: PostgresFiles, dir: string): Promise<void> {
  const template = await keepTemplate(files)
  // Renamed when it is complete: half a copy would look like a whole one to the next start.
  const beside = `${dir}.part-${process.pid}`
  await succeed('cp', ['-a', template, beside])
  await rename(beside, dir)
}

/** The folder that data folders are copied from: making one takes a second, so that is done once for each version. */
export async function keepTemplate(files: PostgresFiles): Promise<string> {
  const folder = join(
    cacheFolder(),
    'postgres',
    `template-${files.version}-${recipe}-${process.getuid?.() ?? 0}`,
  )
  if (!existsSync(folder)) await fillBeside(folder, beside => makeTemplate(files, beside))
  return folder
}

async function makeTemplate({ bin, env }: PostgresFiles, dir: string): Promise<void> {
  await chmod(dir, 0o700)
  await giveAway(dir)
  const run = async (path: string, args: string[]) => {
    const { command, args: all, as } = await unprivileged(path, args)
    return runToEnd(command, all, { env: { ...process.env, ...env }, ...as })
  }
  const initdb = (locale: string) =>
    run(join(bin, 'initdb'), [
      ...['-D', dir, '--no-sync', '--username=owner', '--auth=reject'],
      ...['--encoding=UTF8', `--locale=${locale}`],
    ])
  // Not every system has the first.
  let made = await initdb('C.UTF-8')
  if (!made.ok) made = await initdb('C')
  if (!made.ok) throw new Error(`initdb failed: ${lastLines(made.output, 3)}`)
  await writeFile(join(dir, 'pg_hba.conf'), whoMayCome)
  // Nothing else lets anybody make a first role here; a line is a statement.
  const statements = join(dir, 'first.sql')
  await writeFile(statements, firstStatements)
  const single = '"$0" --single -D "$1" postgres < "$2"'
  const told = await run('/bin/sh', ['-c', single, join(bin, 'postgres'), dir, statements])
  if (!told.ok || /(ERROR|FATAL):/.test(told.output))
    throw new Error(`postgres --single failed: ${lastLines(told.output, 3)}`)
  await rm(statements)
}

async function succeed(command: string, args: string[]): Promise<void> {
  const { ok, output } = await runToEnd(command, args)
  if (!ok) throw new Error(`${command} failed: ${lastLines(output, 3)}`)
}
