import { afterAll, expect, it, onTestFinished } from 'vitest'
import { run } from '../../../infra/ops/run.ts'
import { startDoor } from '../../functions/door.ts'
import { openBus, token } from '../../functions/ops-api/rig.ts'
import { startProxy } from '../../proxy.ts'
import { ownNats, sharedRedis } from '../../servers.ts'

const nats = await ownNats()
const bus = await openBus(nats.url)
let api = await ofToken(token)
const port = Number(new URL(api.url).port)
afterAll(() => api.stop())

function ofToken(SERVER_TOKEN: string, at?: number) {
  const env = { EVENT_ENDPOINT: nats.url, REDIS_URL: sharedRedis(), SERVER_TOKEN }
  return startDoor('ops-api', { env, ...(at && { port: at }) })
}

async function publish(name: string, reason = 'Live') {
  const subject = `ops.clusters.c.namespaces.shop.pods.${name}.events`
  const data = { kind: 'Pod', namespace: 'shop', name, reason, message: 'hello' }
  const event = { specversion: '1.0', id: name, source: 's', type: 'Kube', subject, data }
  await bus.js.publish(subject, JSON.stringify(event))
}

const soon = { timeout: 20_000 }

it('ops tail prints events as they come, goes on wherever it is cut off, with each of them once, and ends where it is refused', {
  timeout: 60_000,
}, async () => {
  const proxy = await startProxy({ port })
  onTestFinished(() => proxy.stop())
  const lines: string[] = []
  const names = () => lines.map(line => /Pod\/(\S+)/.exec(line)?.[1])
  const warned: string[] = []
  const tail = run(['tail', '--reason', 'Live'], {
    ...{ env: { OPS_API: `http://127.0.0.1:${proxy.port}`, OPS_TOKEN: token }, local: undefined },
    ...{ now: Date.now(), warn: text => void warned.push(text) },
    print: text => void lines.push(text),
  })
  const refused = expect(tail).rejects.toThrow(/token/)
  await expect.poll(async () => (await bus.jsm.streams.info('ops')).state.consumer_count, soon).toBe(1)

  await publish('first')
  await expect.poll(names, soon).toEqual(['first'])
  expect(lines).toEqual([expect.stringMatching(/ shop {2}Pod\/first {2}Live {2}1 {2}hello$/)])
  proxy.cut()
  await publish('cut')
  await publish('other', 'Dead')
  await expect.poll(names, soon).toEqual(['first', 'cut'])

  await api.kill()
  await publish('away')
  await expect.poll(() => warned, soon).toEqual([expect.stringMatching(/, asking again until it answers$/)])
  api = await ofToken(token, port)
  await expect.poll(names, soon).toEqual(['first', 'cut', 'away'])
  expect(warned.slice(1)).toEqual(['It goes on'])

  await api.stop()
  api = await ofToken('another', port)
  await refused
  expect(names()).toEqual(['first', 'cut', 'away'])
})

it('says at once that nobody is there in the first place', async () => {
  const world = { local: undefined, now: Date.now(), warn() {}, print() {} }
  const env = { OPS_API: 'http://127.0.0.1:9', OPS_TOKEN: token }
  await expect(run(['tail'], { ...world, env })).rejects.toThrow('Cannot reach ops-api')
})
