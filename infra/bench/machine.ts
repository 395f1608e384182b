import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { providePostgres } from '../local/programs/postgres.ts'
import { provide } from '../local/provide.ts'

/** What the numbers were measured on, on one line. */
export async function machine(): Promise<string> {
  const [nats, redis, postgres] = await Promise.all([
    provide('nats-server'),
    provide('redis-server'),
    providePostgres(),
  ])
  return [
    `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${release()}`,
    `Node ${process.versions.node}`,
    `nats-server ${nats.version}`,
    `redis-server ${redis.version}`,
    `PostgreSQL ${postgres.version}`,
  ].join(', ')
}
