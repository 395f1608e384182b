import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluate, type World } from '../../../functions/hook-evaluate/evaluate.ts'
import { silencedIn } from '../../../functions/hook-evaluate/silenced.ts'
import { mirroredWindows } from '../../../functions/hook-evaluate/windows/mirrored.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { raisedIn } from '../../../shared/adapters/raised.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import { type Silence, SilenceSpec } from '../../../shared/silence.ts'
import { quiet as log } from '../../quiet.ts'
import { ownNats, ownRedis } from '../../servers.ts'
import { patientRedis } from './patient.ts'
import { backOff, hook } from './world.ts'

const [server, redisServer] = await Promise.all([ownNats(), ownRedis()])
const nats = openNats(server.url, 'crash-test', log)
const redis = patientRedis(redisServer.url)
const publisher = publisherOver(nats, { tryFor: 1_000, giveUpAfter: 30_000 })
beforeAll(async () => ensureStreams(await nats.opened, 1, log))
afterAll(() => Promise.all([nats.close(), redis.close()]))

const minute = 60_000
const noon = Date.parse('2026-01-31T12:00:00Z')

/** One of each kind, on subjects of one run alone. */
const hooksOf = (run: string): CompiledHook[] =>
  [
    hook({ name: 'plain' }),
    hook({ name: 'dedup', dedup: { window: 10 * minute, key: ['subject', 'reason'] } }),
    hook({ name: 'threshold', threshold: { count: 2, window: 10 * minute, groupBy: ['reason'] } }),
    hook({ name: 'storm', stormLimit: 1 }),
    hook({
      name: 'convert',
      type: 'event',
      target: 'alerts',
      dedup: { window: 10 * minute, key: ['reason'] },
    }),
    hook({ name: 'resolve', include: ['FailedScheduling'], resolve: true }),
    hook({ name: 'silenced' }),
    hook({ name: 'short', type: 'event', target: 'ops.*.*.*.*.*.*.*.*.x', include: ['Scheduled'] }),
  ].map(one => ({
    ...one,
    ...{
      namespace: run,
      id: `${run}/${one.name}`,
      subject: `ops.clusters.${run}.namespaces.*.pods.*.events`,
    },
  }))

const silencesOf = (run: string): Silence[] => [
  {
    ...{ id: `${run}/quiet`, namespace: run, name: 'quiet' },
    spec: SilenceSpec.parse({ until: '2026-02-01T00:00:00Z', hooks: [`${run}/silenced`] }),
  },
]

const batchesOf = (run: string): OpsEvent[][] => {
  const event = (id: string, reason: string): OpsEvent =>
    backOff({
      id,
      subject: `ops.clusters.${run}.namespaces.ns1.pods.pod1.events`,
      data: { kind: 'Pod', name: 'pod1', reason },
    })
  return [
    [event('e1', 'FailedScheduling'), event('e2', 'FailedScheduling')],
    [event('e3', 'FailedScheduling'), event('e4', 'Scheduled')],
  ]
}

class Killed extends Error {}

/** Which call is fatal, and whether before or after it; `forgets`: Redis with it. */
type Death = { fatal: number; dies: 'before' | 'after'; forgets?: boolean }

/** The world of one process after the other, of which the one that makes call number `fatal` dies by it, before or after. */
function mortal(run: string, { fatal, dies, forgets = false }: Death) {
  let calls = 0
  let now = noon
  const never = new Promise<never>(() => {})

  function birth() {
    const { promise: death, reject: die } = Promise.withResolvers<never>()
    death.catch(() => {})
    let dead = false
    const calling =
      <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        if (dead) return never
        const isFatal = ++calls === fatal
        if (isFatal && dies === 'after') await call(...args)
        if (!isFatal) return call(...args)
        dead = true
        die(new Killed())
        return never
      }
    const windows = mirroredWindows(redis.run)
    const troubles = raisedIn(nats)
    const world: World = {
      hooks: calling(async () => ({ revision: run, hooks: hooksOf(run) })),
      silences: calling(async () => silencesOf(run)),
      recall: calling(redis.read),
      remember: calling(memos => redis.put(memos, 60)),
      publish: calling(publisher.publish),
      windows: { judge: calling(windows.judge), settle: calling(windows.settle), end: calling(windows.end) },
      troubles: { get: calling(troubles.get), open: calling(troubles.open), close: calling(troubles.close) },
      note: calling(silencedIn(redis.run)),
      now: () => new Date(now),
      timeZone: 'UTC',
      explains: false,
      log,
    }
    const handle = evaluate(world)
    return (events: OpsEvent[]) => Promise.race([handle(events), death])
  }

  let handle = birth()
  return {
    calls: () => calls,
    until: (time: number) => {
      now = time
    },
    /** As the bridge does it: again until there is an answer. */
    async answered(events: OpsEvent[]): Promise<Outcome[]> {
      for (;;) {
        try {
          return await handle(events)
        } catch (error) {
          if (!(error instanceof Killed)) throw error
          if (forgets) await redis.run("return redis.call('FLUSHALL')", [])
          handle = birth()
        }
      }
    },
  }
}

/** What lies in a stream about a run, oldest first. */
async function stored(stream: string, run: string): Promise<{ due: number; event: OpsEvent }[]> {
  const { streams } = await jetstreamManager(await nats.opened)
  const { state } = await streams.info(stream)
  const seqs = Array.from({ length: Math.min(state.messages, 40) }, (_, at) => state.last_seq - at).reverse()
  const messages = await Promise.all(seqs.map(seq => streams.getMessage(stream, { seq })))
  return messages.flatMap(message =>
    message?.subject.split('.').includes(run)
      ? [{ due: Number(message.header?.get('Ops-Due')), event: message.json<OpsEvent>() }]
      : [],
  )
}

/** A whole story with one death: what was answered for each event, and what lies on the bus in the end. */
async function story(run: string, death: Death) {
  const at = mortal(run, death)
  const answers: Outcome[] = []
  for (const [index, batch] of batchesOf(run).entries()) {
    at.until(noon + index * 1_000)
    answers.push(...(await at.answered(batch)))
  }
  const ends = await stored('retries', run)
  for (const { due, event } of ends.sort((a, b) => a.due - b.due || (a.event.id < b.event.id ? -1 : 1))) {
    at.until(due)
    answers.push(...(await at.answered([event])))
  }
  const [sent, made] = await Promise.all([stored('deliveries', run), stored('ops', run)])
  const deliveries = sent.map(({ event: { hook, id, type, notice, held, heldsince, data } }) =>
    JSON.stringify({
      hook,
      id: type === 'Digest' ? type : id,
      notice,
      held,
      heldsince,
      ...(type === 'Digest' && { data }),
    }),
  )
  const republished = made.map(({ event: { causationid, via } }) => `${via} ${causationid}`)
  // Ends that are due at the same time come in the order of ids that differ from run to run.
  const anonymous = (all: unknown[]) =>
    all.map(one => JSON.stringify(one).replaceAll(run, 'run').replace(',"recalled":true', '')).sort()
  return {
    calls: at.calls(),
    // Whether an answer is given for the first time depends on where the crash was, and nothing else of it.
    told: {
      answers: anonymous(answers),
      deliveries: anonymous(deliveries),
      republished: anonymous(republished),
    },
  }
}

const wholes: string[] = [
  '{"run/plain":{"matched":1,"queued":1}',
  '"run/resolve":{"notices":1,"queued":1}',
  '"run/storm":{"notices":1,"queued":1}',
  '"run/dedup":{"notices":1,"queued":1}',
  '"run/silenced":{"matched":1,"silenced":1}',
  '"run/short":{"matched":1,"refused":1}',
]

describe('hook-evaluate that dies at any call', async () => {
  let whole: Awaited<ReturnType<typeof story>>
  beforeAll(async () => {
    whole = await story('whole', { fatal: 0, dies: 'before' })
  })

  it('has a story worth dying in', () => {
    const answers = whole.told.answers.join('\n')
    for (const part of wholes) expect(answers).toContain(part)
    expect(
      whole.told.deliveries
        .join('\n')
        .match(/\\"notice\\":\\"\w+\\"/g)
        ?.sort(),
    ).toEqual(['digest', 'held', 'resolved'].map(notice => `\\"notice\\":\\"${notice}\\"`))
    expect(whole.calls).toBeGreaterThan(30)
  })

  it.each(['before', 'after'] as const)(
    'loses nothing, tells nothing twice and counts the same, when it dies %s the call',
    async dies => {
      for (let fatal = 1; fatal <= whole.calls; fatal++) {
        const { told } = await story(`${dies}${fatal}`, { fatal, dies })
        expect(told, `call ${fatal}`).toEqual(whole.told)
      }
    },
    120_000,
  )

  it.each(['before', 'after'] as const)(
    'tells of everything all the same, when it dies %s the call and Redis forgets',
    async dies => {
      for (let fatal = 1; fatal <= whole.calls; fatal++) {
        const { told } = await story(`forgets${dies}${fatal}`, { fatal, dies, forgets: true })
        const of = (name: string, more: string) =>
          told.deliveries.filter(one => one.includes(`run/${name}`) && one.includes(more)).length
        for (const id of ['e1', 'e2', 'e3', 'e4'])
          expect(of('plain', `"id\\":\\"${id}`), `call ${fatal}, ${id}`).toBe(1)
        expect(of('resolve', 'resolved'), `call ${fatal}`).toBeGreaterThan(0)
        // What does not go out by itself is told at the end of its window, by the message about that.
        for (const [name, notice, all] of [
          ['dedup', 'held', 4],
          ['storm', 'digest', 4],
        ] as const) {
          const alone = of(name, '') - of(name, notice)
          expect(alone, `call ${fatal}, ${name}`).toBeGreaterThan(0)
          if (alone < all) expect(of(name, notice), `call ${fatal}, ${name}`).toBeGreaterThan(0)
        }
        expect(of('threshold', ''), `call ${fatal}`).toBeGreaterThan(0)
      }
    },
    120_000,
  )
})
