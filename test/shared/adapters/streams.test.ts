import { connect } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { managerOf } from '../../../shared/adapters/jetstream.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { leafSource } from '../../../shared/leaf.ts'
import { natsOfTry, natsVersions } from '../../servers.ts'

/** An empty bus, and everything that was said at it. */
async function bus(version: (typeof natsVersions)[number]) {
  const { url } = await natsOfTry(version)
  const nc = await connect({ servers: url })
  onTestFinished(() => nc.close())
  const said: string[] = []
  const say = (fields: object, text: string) => void said.push(`${text} ${JSON.stringify(fields)}`)
  const log = { debug() {}, info: say, warn: say, error: say }
  const jsm = await managerOf(nc)
  const sources = async () =>
    (await jsm.streams.info('ops')).config.sources?.map(({ external }) => external?.api)
  return { nc, jsm, log, said, sources }
}

describe.each(natsVersions)('ensureStreams() on %s', version => {
  it('makes of a leaf cluster what a watcher needs and no more', async () => {
    const { nc, jsm, log } = await bus(version)
    await ensureStreams(nc, 1, log, 'leaf')
    const names: string[] = []
    for await (const { config } of jsm.streams.list()) names.push(config.name)
    expect(names.sort()).toEqual(['KV_checkpoints', 'KV_counts', 'ops'])
  })

  it('adds a leaf cluster to a stream that is there, and leaves one that is not named any more', async () => {
    const { nc, log, said, sources } = await bus(version)
    await ensureStreams(nc, 1, log)
    expect(await sources()).toBeUndefined()
    await ensureStreams(nc, 1, log, { leaves: ['edge1'] })
    await ensureStreams(nc, 1, log, { leaves: ['edge1', 'edge2'] })
    expect(await sources()).toEqual(['$JS.edge1.API', '$JS.edge2.API'])
    expect(said.join('\n')).not.toContain('is left as it is')
    await ensureStreams(nc, 1, log, { leaves: ['edge2'] })
    expect(await sources()).toEqual(['$JS.edge1.API', '$JS.edge2.API'])
    expect(said.join('\n')).toContain('source of \\"edge1\\": LEAF_CLUSTERS does not name it')
  })

  it('leaves a source that was changed by hand, and says so', async () => {
    const { nc, jsm, log, said } = await bus(version)
    await ensureStreams(nc, 1, log)
    await jsm.streams.update('ops', { sources: [{ ...leafSource('edge1'), opt_start_seq: 9 }] })
    await ensureStreams(nc, 1, log, { leaves: ['edge1'] })
    expect((await jsm.streams.info('ops')).config.sources).toHaveLength(1)
    expect(said.join('\n')).toContain('source of \\"edge1\\": it is')
  })

  it('says which stream it cannot make where somebody else has one on its subjects, and what to do', async () => {
    const { nc, jsm, log } = await bus(version)
    await jsm.streams.add({ name: 'events', subjects: ['ops.>'] })
    await expect(ensureStreams(nc, 1, log)).rejects.toThrow(
      'Cannot make stream "ops" on ops.>: subjects overlap with an existing stream: take an account of NATS, or a server, where nobody else has streams on these subjects',
    )
  })

  it('says of a NATS that stops at what comes twice that it does', async () => {
    const { nc, log, said } = await bus(version)
    await ensureStreams(nc, 1, log, { leaves: ['edge1'] })
    const warned = said.some(line => line.startsWith('This NATS waits until the duplicate window is over'))
    expect(warned).toBe(version === '2.9.10')
  })
})
