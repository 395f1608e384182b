import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildAll } from '../build.ts'
import { startChild } from '../local/child.ts'
import { freePort } from '../local/ports.ts'
import type { Bench } from './bench.ts'
import { thousands } from './result.ts'
import { judged, type Row } from './row.ts'
import { answers, frameworkArgs, openStand, type Stand, secrets } from './stand.ts'
import { spread } from './stats.ts'

const functions = [
  ...['subject-ingest', 'hook-evaluate', 'event-store', 'webhook-deliver', 'ops-api', 'cron-taskrun'],
]
/** How many times as long as an empty server they may take. */
const most: Record<string, number> = { 'subject-ingest': 2.5, 'hook-evaluate': 3.5, 'webhook-deliver': 2.5 }
const emptyServer = `require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT)`

/** From starting a function's process to its first answer: its bundle, and its source under functions-framework. */
export const coldStart: Bench = async effort => {
  const stand = await openStand()
  const bundles = await buildAll(join(stand.dir, 'dist'))
  const bundleOf = (name: string) => bundles.find(bundle => bundle.name === name)?.file ?? ''
  const times = new Map<string, number[]>()
  const variants: [name: string, args: string[], until: 'answers' | 'ends'][] = [
    ['nothing', ['-e', '0'], 'ends'],
    ['empty', ['-e', emptyServer], 'answers'],
    ...functions.flatMap((name): typeof variants => [
      [name, [bundleOf(name)], 'answers'],
      [`${name} framed`, [...frameworkArgs(`functions/${name}/index.ts`, name, 'http')], 'answers'],
    ]),
  ]
  try {
    for (let round = 0; round <= effort.rounds; round++) {
      for (const [name, args, until] of variants) {
        const time = await timeOf(stand, args, until)
        if (round > 0) times.set(name, [...(times.get(name) ?? []), time])
      }
    }
  } finally {
    await stand.close()
  }
  const of = (name: string) => spread(times.get(name) ?? [])
  return {
    rows: functions.flatMap((name): Row[] => {
      const { median: value } = of(name)
      const row = { name: `cold-start ${name}`, value, unit: 'ms' }
      const framed = {
        against: 'its source under functions-framework',
        ratio: value / of(`${name} framed`).median,
      }
      const empty = { against: 'an empty node:http server', ratio: value / of('empty').median }
      const goal = most[name]
      return [
        judged({ ...row, ...framed }, { atMost: 0.34 }),
        goal === undefined ? { ...row, ...empty } : judged({ ...row, ...empty }, { atMost: goal }),
      ]
    }),
    notes: [...times.keys()].map(name => {
      const { least, median, most: longest } = of(name)
      return `${name}: ${thousands(median)} ms, from ${thousands(least)} to ${thousands(longest)}`
    }),
  }
}

async function timeOf(stand: Stand, args: string[], until: 'answers' | 'ends'): Promise<number> {
  const port = await freePort()
  const env = {
    ...{ PORT: String(port), NODE_ENV: 'production', PATH: process.env.PATH ?? '', LOG_LEVEL: 'error' },
    ...{ EVENT_CLUSTER: 'bench', EVENT_ENDPOINT: stand.natsUrl, REDIS_URL: stand.redisUrl },
    ...{ SERVER_TOKEN: secrets.server, BRIDGE_TOKEN: secrets.bridge, HOOK_SEAL_KEY: secrets.seal },
    INGEST_URL: 'http://127.0.0.1:1',
    DATABASE_URL: 'postgres://ops@127.0.0.1:1/ops',
  }
  const started = performance.now()
  const child = await startChild(process.execPath, args, { env })
  if (until === 'ends') await child.exited
  else {
    const ended = child.exited.then(how => {
      throw new Error(`${args[0]} ended with ${how} before it answered:\n${child.tail()}`)
    })
    while (!(await Promise.race([ended, answers(`http://127.0.0.1:${port}/healthz`)]))) await pause(2)
    ended.catch(() => {})
  }
  const time = performance.now() - started
  await child.kill()
  return time
}
