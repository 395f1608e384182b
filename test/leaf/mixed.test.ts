import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { eventsOn } from '../functions/watcher/events/bus.ts'
import { quiet } from '../quiet.ts'
import { startClusters } from './clusters.ts'

const subject = 'ops.clusters.edge1.nodes.n1.events'

test.each([
  { version: 'current', leafVersion: '2.9.10' },
  { version: '2.9.10', leafVersion: 'current' },
] as const)(
  'a main server $version takes the events of a leaf server $leafVersion',
  async ({ version, leafVersion }) => {
    const dir = await mkdtemp(join(tmpdir(), 'ops-events-leaf-'))
    const { main, leaves, stop } = await startClusters(dir, version, ['edge1'], { leafVersion })
    const app = openNats(main.url, 'app', quiet)
    const edge = openNats(leaves[0]?.server.url ?? '', 'watcher', quiet)
    onTestFinished(async () => {
      await Promise.all([app.close(), edge.close()])
      await stop()
      await rm(dir, { recursive: true, force: true })
    })
    const [onMain, onEdge] = await Promise.all([app.opened, edge.opened])
    await ensureStreams(onEdge, 1, quiet, 'leaf')
    await ensureStreams(onMain, 1, quiet, { leaves: ['edge1'] })
    await publisherOver(edge).publish({ subject, payload: '{}', id: 'one' })
    await expect.poll(() => eventsOn(onMain, subject), { timeout: 60_000 }).toHaveLength(1)
  },
)
