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

const functions = ['subject-ingest', 'hook-evaluate', 'webhook-deliver']

/** From starting a function's process to its first answer: its bundle, and its source under functions-framework. */
export const coldStart: Bench = async effort => {
  const stand = await openStand()
  const empty: number[] = []
  const bundles = await buildAll(join(stand.dir, 'dist'))
  const bundleOf = (name: string) => bundles.find(bundle => bundle.name === name)?.file ?? ''
  const times = new Map<string, { ours: number[]; framework: number[] }>()
  try {
    for (let round = 0; round <= effort.rounds; round++) {
      const nothing = await timeOf(stand, ['-e', '0'], 'ends')
      if (round > 0) empty.push(nothing)
      for (const name of functions) {
        const ours = await timeOf(stand, [bundleOf(name)], 'answers')
        const framework = await timeOf(
          stand,
          frameworkArgs(`functions/${name}/index.ts`, name, 'http'),
          'answers',
        )
        const known = times.get(name) ?? { ours: [], framework: [] }
        if (round > 0)
          times.set(name, { ours: [...known.ours, ours], framework: [...known.framework, framework] })
      }
    }
  } finally {
    await stand.close()
  }
  const each = [...times].map(([name, { ours, framework }]) => ({
    name,
    ours: spread(ours),
    framework: spread(framework),
  }))
  return {
    rows: each.map(({ name, ours, framework }): Row => {
      const against = 'its source under functions-framework'
      const [value, ratio] = [ours.median, ours.median / framework.median]
      return judged({ name: `cold-start ${name}`, value, unit: 'ms', against, ratio }, { atMost: 0.34 })
    }),
    notes: [
      `node -e 0 takes ${thousands(spread(empty).median)} ms`,
      ...each.map(
        ({ name, ours, framework }) =>
          `${name}: ${thousands(ours.least)} to ${thousands(ours.most)} ms, under functions-framework ${thousands(framework.least)} to ${thousands(framework.most)} ms`,
      ),
    ],
  }
}

async function timeOf(stand: Stand, args: string[], until: 'answers' | 'ends'): Promise<number> {
  const port = await freePort()
  const env = {
    ...{ PORT: String(port), NODE_ENV: 'production', PATH: process.env.PATH ?? '', LOG_LEVEL: 'error' },
    ...{ EVENT_CLUSTER: 'bench', EVENT_ENDPOINT: stand.natsUrl, REDIS_URL: stand.redisUrl },
    ...{ SERVER_TOKEN: secrets.server, BRIDGE_TOKEN: secrets.bridge, HOOK_SEAL_KEY: secrets.seal },
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
