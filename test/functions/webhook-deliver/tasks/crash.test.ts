import { randomUUID } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, expect, it } from 'vitest'
import { deliver } from '../../../../functions/webhook-deliver/deliver.ts'
import { allowanceOver } from '../../../../functions/webhook-deliver/tasks/allowance.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../../shared/adapters/publisher.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, sharedRedis } from '../../../servers.ts'
import { type Crash, crashesAt, crashing } from '../crashing.ts'
import { deliveryTo, taskHook } from './tasks.ts'

const server = await ownNats()
const nats = openNats(server.url, 'test', quiet)
await ensureStreams(await nats.opened, 1, quiet)
const bus = publisherOver(nats)
const redis = openRedis(sharedRedis(), quiet)
afterAll(() => Promise.all([nats.close(), redis.close()]))

const nothing = () => Promise.reject(new Error('Nothing is sent here'))
const size = 3

/** A process of the function, whose hook may start as many runs an hour as there are deliveries. */
function open(name: string, crash?: Crash) {
  const { step, crashed, steps } = crashing(crash)
  const options = { taskRef: name, maxPerHour: String(size) }
  const sealed = JSON.stringify({ url: '', options, additional: '' })
  const handle = deliver({
    hooks: async () => ({ revision: 's1', hooks: [taskHook(name, sealed)] }),
    open: text => text,
    urlProblem: () => undefined,
    post: nothing,
    circuits: { learn: async () => {}, enter: nothing },
    publish: step(bus.publish),
    allowance: allowanceOver(step(redis.run)),
    sent: step(redis.has),
    remember: step(keys => redis.mark(keys, 60)),
    now: Date.now,
    timeZone: 'UTC',
    patience: 15_000,
    log: quiet,
  })
  return { handle, crashed, steps }
}

/** A batch of a new hook. */
function batchOf() {
  const name = `t${randomUUID()}`
  return {
    name,
    batch: Array.from({ length: size }, (_, n) => deliveryTo(name, n, { deliveryid: randomUUID() })),
  }
}

/** Dies in the middle of a batch, which then comes again to the next process. Has it died? */
async function dieAndGoOn(crash: Crash): Promise<boolean> {
  const { name, batch } = batchOf()
  const first = open(name, crash)
  const ended = await Promise.race([first.handle(batch), first.crashed])
  const kinds = (await open(name).handle(batch)).map(({ kind }) => kind)
  expect(kinds).toEqual(['done', 'done', 'done'])
  const jsm = await jetstreamManager(await nats.opened)
  const about = { subjects_filter: `runs.ops.taskruns.*.create` }
  const { state } = await jsm.streams.info('runs', about)
  const own = Object.entries(state.subjects ?? {}).filter(([subject]) => subject.includes(name))
  expect(own.map(([, messages]) => messages)).toEqual([1, 1, 1])
  return ended === 'crashed'
}

it('a crash at any step of starting Tasks starts each once, and takes no place twice', async () => {
  const { name, batch } = batchOf()
  const { handle, steps } = open(name)
  expect(await handle(batch)).toMatchObject([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
  let died = 0
  for (const crash of crashesAt(steps())) if (await dieAndGoOn(crash)) died++
  // What was sent, three places, three orders, and a note of them.
  expect(died).toBeGreaterThanOrEqual(16)
})
