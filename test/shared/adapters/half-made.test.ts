import { describe, expect, it, onTestFinished } from 'vitest'
import { browse } from '../../../shared/adapters/browse.ts'
import { fallsOverHalfMade } from '../../../shared/adapters/half-made.ts'
import { journalIn } from '../../../shared/adapters/journal.ts'
import { bucketIn } from '../../../shared/adapters/kv.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { messageOf } from '../../../shared/log.ts'
import { buckets } from '../../../shared/streams.ts'
import { quiet } from '../../quiet.ts'
import { natsOfTry } from '../../servers.ts'

describe('fallsOverHalfMade()', () => {
  it.each([
    ['2.9.10', true],
    ['2.9.25', true],
    ['1.4.0', true],
    ['2.10.0', false],
    ['2.15.2', false],
    ['3.0.0-rc.1', false],
  ])('of %s: %s', (version, is) => {
    const info = { version } as NonNullable<Parameters<typeof fallsOverHalfMade>[0]['info']>
    expect(fallsOverHalfMade({ info })).toBe(is)
  })
})

it.each([1, 2, 3])(
  'nats-server 2.9.10 lives through being asked for messages while it makes the streams (%s)',
  async () => {
    const server = await natsOfTry('2.9.10')
    const said = new Set<string>()
    let making = true
    const opened = Array.from({ length: 4 }, (_, place) => openNats(server.url, `reader-${place}`, quiet))
    onTestFinished(async () => void (await Promise.all(opened.map(nats => nats.close()))))
    await Promise.all(opened.map(nats => nats.opened))
    const asking = opened.flatMap(nats => {
      const inBuckets = [buckets.hooks, buckets.checkpoints, buckets.objects].map(name =>
        bucketIn(nats, name),
      )
      const journal = journalIn(
        nats,
        () => Promise.reject(new Error('Nothing is published')),
        () => '',
      )
      const letters = browse(nats, 'deadletters')
      const questions = [
        ...inBuckets.map(bucket => () => bucket.get('a')),
        () => journal.last('a'),
        () => letters.get(1),
      ]
      return questions.map(async ask => {
        while (making) await ask().catch(error => said.add(messageOf(error)))
      })
    })
    const [maker] = opened
    if (maker) await ensureStreams(await maker.opened, 1, quiet)
    making = false
    await Promise.all(asking)
    expect([...said]).toContain('stream not found')
  },
)
