import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { freePorts } from '../../infra/local/ports.ts'
import { type NatsServer, startNats } from '../../infra/local/servers.ts'

/** NATS servers of one cluster, by name. */
export type NatsCluster = Record<string, NatsServer>

/** Three NATS servers that are one cluster, for this test file or `describe` alone; as `ownNats`. */
export async function ownCluster(): Promise<NatsCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-cluster-'))
  const ports = await freePorts(3)
  const routes = ports.map(port => `nats://127.0.0.1:${port}`)
  // None of them is healthy before the others are there.
  const started = await Promise.all(
    ports.map(async (port): Promise<[string, NatsServer]> => {
      const name = `nats-${port}`
      await mkdir(join(dir, name))
      await writeFile(
        join(dir, name, 'cluster.conf'),
        `server_name: ${name}\ncluster { name: ops, listen: "127.0.0.1:${port}", routes: ${JSON.stringify(routes)} }\n`,
      )
      return [name, await startNats({ dir: join(dir, name), include: 'cluster.conf' })]
    }),
  )
  afterAll(async () => {
    await Promise.all(started.map(([, server]) => server.kill()))
    await rm(dir, { recursive: true, force: true })
  })
  return Object.fromEntries(started)
}
