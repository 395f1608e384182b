import { join } from 'node:path'
import { freePorts } from '../../infra/local/ports.ts'
import { startProxy } from '../proxy.ts'
import { certificate, leafFiles, mainFiles, password } from './conf.ts'
import { type ConfiguredServer, startConfigured, type Version } from './server.ts'

type Link = Awaited<ReturnType<typeof startProxy>>

/** A leaf cluster's server, and the link from it to the main one. */
export type Leaf = { cluster: string; server: ConfiguredServer; link: Link }

/** A main cluster's server and those of leaf clusters, over links that can be cut. */
export type Clusters = { main: ConfiguredServer; leaves: Leaf[]; stop(): Promise<void> }

/**
 * Starts them in `dir`: the first leaf by its configuration file, the second by the values of NATS' chart, and so on. The
 * servers of leaf clusters may be of another version.
 */
export async function startClusters(
  dir: string,
  version: Version,
  names: string[],
  { leafVersion = version } = {},
): Promise<Clusters> {
  const [port = 0, linkPort = 0, ...ports] = await freePorts(2 + names.length)
  const links = await Promise.all(names.map(() => startProxy({ port: linkPort })))
  const mainPlace = { dir: join(dir, 'main'), port }
  const main = await startConfigured({
    ...{ ...mainPlace, version, password, user: 'app' },
    files: mainFiles({ ...mainPlace, linkPort, advertised: links[0]?.port ?? 0 }),
  })
  const leaves = await Promise.all(
    links.map(async (link, index): Promise<Leaf> => {
      const cluster = names[index] ?? ''
      const place = { dir: join(dir, cluster), port: ports[index] ?? 0 }
      const by = index % 2 === 0 ? 'conf' : 'values'
      const files = leafFiles({ ...place, cluster, mainPort: link.port, by })
      const server = await startConfigured({
        ...{ ...place, version: leafVersion, password, user: 'watcher' },
        files,
        trusted: certificate,
      })
      return { cluster, server, link }
    }),
  )
  return {
    main,
    leaves,
    async stop() {
      await Promise.all([main.kill(), ...leaves.map(({ server }) => server.kill())])
      await Promise.all(leaves.map(({ link }) => link.stop()))
    },
  }
}
