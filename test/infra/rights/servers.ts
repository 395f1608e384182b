import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { Client } from 'pg'
import { afterAll, inject, onTestFinished, vi } from 'vitest'
import { newSecrets } from '../../../infra/install/make.ts'
import { type Secret, secretOf } from '../../../infra/install/secret.ts'
import { installed, type Process } from '../../../infra/install/secrets.ts'
import { startNats, startPostgres, startRedis } from '../../../infra/local/servers.ts'
import { accountsConf } from '../../../infra/nats/files.ts'
import { usersAcl } from '../../../infra/redis/files.ts'
import { connectionOptions } from '../../../shared/adapters/nats-options.ts'

const top = new URL('../../../infra/', import.meta.url)

/** Secrets as they are made, their texts numbered instead of drawn. */
export function someSecrets(): Secret[] {
  let count = 0
  const draw = (encoding: 'base64' | 'base64url') =>
    Buffer.from(`secret ${count++}`.padEnd(32, '.')).toString(encoding)
  const places = {
    nats: 'nats:4222',
    redis: 'redis:6379',
    postgres: 'postgres:5432',
    namespace: 'n',
    functions: 'n',
  }
  return newSecrets(places, draw)
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-rights-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** NATS with the users of the installation; `learn` has it take over other passwords, as its reloader does. */
export async function natsWithUsers(version: 'current' | '2.9.10', secrets: Secret[]) {
  const dir = folder()
  const complaints: string[] = []
  const learn = (now: Secret[]) =>
    writeFileSync(join(dir, 'passwords.conf'), secretOf(now, 'ops-nats-users').data['passwords.conf'] ?? '')
  writeFileSync(join(dir, 'accounts.conf'), accountsConf())
  learn(secrets)
  const line = (text: string) => void (text.includes('[ERR]') && complaints.push(text))
  const server = await startNats({ dir, version, include: 'accounts.conf', line })
  afterAll(() => server.kill())
  return {
    url: server.url,
    /** What it refused somebody. */
    complaints,
    learn(now: Secret[]) {
      learn(now)
      process.kill(server.pid, 'SIGHUP')
    },
  }
}

/** NATS as this process is told of it. */
export const endpointOf = (process: Process, secrets: Secret[], nats: string): string =>
  environmentIn(secrets, process, { nats, redis: 'redis://none', postgres: 'postgres://none' })
    .EVENT_ENDPOINT ?? ''

/** A connection to it, which does not come back by itself. */
export async function connectedAs(
  process: Process,
  secrets: Secret[],
  nats: string,
): Promise<NatsConnection> {
  const options = connectionOptions(endpointOf(process, secrets, nats), process)
  const nc = await connect({ ...options, reconnect: false })
  onTestFinished(() => nc.close())
  return nc
}

/** Redis with the users of the installation. */
export async function redisWithUsers(secrets: Secret[]) {
  const dir = folder()
  const { data } = secretOf(secrets, 'ops-redis-users')
  const acl = usersAcl(login => hash('sha256', data[login] ?? ''))
  writeFileSync(join(dir, 'users.acl'), acl)
  const server = await startRedis({ dir, settings: { aclfile: join(dir, 'users.acl') } })
  afterAll(() => server.kill())
  return { url: server.url, admin: urlWith(server.url, 'admin', data.admin ?? '') }
}

/** PostgreSQL with the roles of the installation; undefined where there is only the embedded one, which has no roles. */
export async function postgresWithRoles(secrets: Secret[]) {
  if (inject('noPostgres')) return undefined
  const dir = join(folder(), 'postgres')
  const server = await startPostgres({ dir, settings: { shared_buffers: '16MB', fsync: 'off' } })
  afterAll(() => server.kill('SIGQUIT'))
  writeFileSync(
    join(dir, 'pg_hba.conf'),
    'host all owner 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
  )
  process.kill(server.pid, 'SIGHUP')
  // It reads who may come in a moment after it was told to.
  const owner = await vi.waitFor(async () => {
    const client = new Client({ connectionString: urlWith(server.url, 'owner', 'none') })
    await client.connect()
    return client
  }, 10_000)
  await owner.query(readFileSync(new URL('postgres/base/roles.sql', top), 'utf8'))
  for (const { name, data } of secrets)
    if (name.startsWith('ops-postgres-'))
      await owner.query(`ALTER ROLE "${data.username}" PASSWORD '${data.password}'`)
  await owner.end()
  return { url: server.url }
}

/** A URL with this user and password. */
export function urlWith(url: string, user: string, password: string): string {
  const made = new URL(url)
  made.username = user
  made.password = password
  return made.href
}

/** What a process is given, with servers of this machine in the place of those that the Secrets name. */
export function environmentIn(
  secrets: Secret[],
  process: Process,
  servers: { nats: string; redis: string; postgres: string },
): Record<string, string> {
  const { data } = secretOf(secrets, installed[process].workload)
  const here: Record<string, string> = {
    'nats:4222': servers.nats,
    'redis:6379': servers.redis,
    'postgres:5432': servers.postgres,
  }
  return Object.fromEntries(
    Object.entries(data).map(([name, text]) => [
      name,
      Object.entries(here).reduce(
        (value, [there, url]) => value.replace(`@${there}`, `@${new URL(url).host}`),
        text,
      ),
    ]),
  )
}
