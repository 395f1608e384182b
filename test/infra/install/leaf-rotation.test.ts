import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { expect, it, onTestFinished } from 'vitest'
import { leafSecrets } from '../../../infra/install/leaf.ts'
import { retirements, rotations } from '../../../infra/install/rotate.ts'
import { type Secret, secretOf } from '../../../infra/install/secret.ts'
import { startChild } from '../../../infra/local/child.ts'
import { freePorts } from '../../../infra/local/ports.ts'
import { provide } from '../../../infra/local/provide.ts'
import { accountsConf } from '../../../infra/nats/files.ts'
import { managerOf } from '../../../shared/adapters/jetstream.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { logOf } from '../../../shared/log.ts'
import { certificate, leafFiles, mainFiles } from '../../leaf/conf.ts'
import { natsVersions } from '../../servers.ts'
import { connectedAs, endpointOf, someSecrets } from '../rights/servers.ts'
import { publishing } from './publishing.ts'
import { drawing, put } from './steps.ts'

const log = logOf('test', 'error')
const cluster = 'edge1'
const endpointIn = (secrets: Secret[]) => secretOf(secrets, 'ops-watcher').data.EVENT_ENDPOINT ?? ''

it.each(natsVersions)(
  'a leaf cluster on nats-server %s gets new passwords under load, and loses nothing',
  async version => {
    const dir = await mkdtemp(join(tmpdir(), 'ops-events-leaf-rotation-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const [mainPort = 0, linkPort = 0, leafPort = 0] = await freePorts(3)
    const draw = drawing()
    const place = { cluster, namespace: 'n', nats: `127.0.0.1:${leafPort}`, main: `localhost:${linkPort}` }
    let main = someSecrets()
    let leaf = leafSecrets(main, place, draw)

    const mainServer = serverOf(join(dir, 'main'), version, dir => ({
      ...mainFiles({ dir, port: mainPort, linkPort, advertised: linkPort }),
      'nats.conf': `listen: "127.0.0.1:${mainPort}"
jetstream { store_dir: ${JSON.stringify(dir)} }
include ./accounts.conf
include ./leaf-main.conf
`,
      'accounts.conf': accountsConf(),
      ...secretOf(main, 'ops-nats-users').data,
    }))
    const leafServer = serverOf(join(dir, 'leaf'), version, dir => ({
      ...leafFiles({ dir, port: leafPort, cluster, mainPort: linkPort, by: 'conf' }),
      ...secretOf(leaf, 'ops-nats-leaf').data,
    }))
    await Promise.all([mainServer.start(), leafServer.start()])
    const at = `nats://127.0.0.1:${mainPort}`
    const seer = openNats(endpointOf('watcher', main, at), 'watcher', log)
    onTestFinished(() => seer.close())
    const made = endpointIn(leaf)
    const old = await watching('old', made)
    // A stream that asks before the link stands asks again after 40 s only.
    const bridge = await connectedAs('bridge', main, at)
    const linked = () => bridge.request(`$JS.${cluster}.API.STREAM.INFO.ops`).catch(() => undefined)
    await expect.poll(linked, { timeout: 20_000 }).toBeDefined()
    const nc = await seer.opened
    await ensureStreams(nc, 1, log, { leaves: [cluster] })

    await old.more(50)
    leaf = put(leaf, rotations.link([...main, ...leaf], draw).changed)
    leaf = put(leaf, rotations.nats(leaf, draw).changed)
    await leafServer.start()
    const fresh = await watching('fresh', endpointIn(leaf))
    await Promise.all([old.more(50), fresh.more(50)])
    const byOld = await old.stop()

    main = put(main, retirements.link([...main, ...leaf], draw).changed)
    leaf = put(leaf, retirements.nats(leaf, draw).changed)
    const before = mainServer.complaints.length
    await Promise.all([mainServer.reload(), leafServer.reload()])
    await expect.poll(() => isLetIn(made), { timeout: 20_000 }).toBe(false)
    await fresh.more(200)
    const sent = byOld + (await fresh.stop())
    const arrived = async () => (await (await managerOf(nc)).streams.info('ops')).state.messages
    await expect.poll(arrived, { timeout: 60_000 }).toBe(sent)
    // The link was not cut: nobody came with a password that is gone.
    expect(mainServer.complaints.slice(before)).toEqual([])
  },
)

/** A server with these files in its folder, which are written anew whenever it shall read them. */
function serverOf(
  dir: string,
  version: (typeof natsVersions)[number],
  files: (dir: string) => Record<string, string>,
) {
  const complaints: string[] = []
  const line = (text: string) => void (text.includes('[ERR]') && complaints.push(text))
  let child: Awaited<ReturnType<typeof startChild>> | undefined
  onTestFinished(() => child?.kill())
  const write = () =>
    Promise.all(Object.entries(files(dir)).map(([name, text]) => writeFile(join(dir, name), text)))
  return {
    complaints,
    /** Once more, where it runs already. */
    async start() {
      await child?.stop()
      await mkdir(dir, { recursive: true })
      await write()
      const { path } = await provide(version === 'current' ? 'nats-server' : 'nats-server-2.9.10')
      const env = { ...process.env, SSL_CERT_FILE: certificate }
      child = await startChild(path, ['-c', join(dir, 'nats.conf')], { env, line })
    },
    async reload() {
      await write()
      if (child) process.kill(child.pid, 'SIGHUP')
    },
  }
}

/** A watcher of the leaf cluster that publishes as fast as it can. */
async function watching(replica: string, endpoint: string) {
  const connection = openNats(endpoint, 'watcher', log)
  await ensureStreams(await connection.opened, 1, log, 'leaf')
  const { publish } = publisherOver(connection)
  return publishing(connection, async before => {
    const id = `${replica}-${before}`
    const message = { subject: `ops.clusters.${cluster}.nodes.n.events`, payload: id, id }
    // What was not taken while its server started anew is sent again.
    const taken = await publish(message).catch(() => undefined)
    return taken !== undefined
  })
}

async function isLetIn(url: string): Promise<boolean> {
  const { username: user, password: pass, host: servers } = new URL(url)
  const nc = await connect({ servers, user, pass, reconnect: false }).catch(() => undefined)
  await nc?.close()
  return nc !== undefined
}
