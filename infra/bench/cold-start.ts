import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { buildAll } from '../build.ts'
import { startPostgres } from '../local/servers.ts'
import type { Bench } from './bench.ts'
import { type First, firstRequests } from './cold-start/first.ts'
import { residentOf } from './cold-start/memory.ts'
import { openQuota, type Quota } from './cold-start/quota.ts'
import { start } from './cold-start/start.ts'
import { hooksOf } from './hooks.ts'
import { openReceiver } from './receiver.ts'
import { thousands } from './result.ts'
import { judged, type Row } from './row.ts'
import { fileOf, frameworkArgs, openStand, type Stand, secrets } from './stand.ts'
import { spread } from './stats.ts'

/** How many times as long as an empty server they may take. */
const most: Record<string, number> = { 'subject-ingest': 2.5, 'hook-evaluate': 3.5, 'webhook-deliver': 2.5 }
const emptyServer = `require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT)`
const emptyFunction = 'exports.empty = (_, response) => response.end()'
const get: First = { method: 'GET', path: '/', headers: {}, body: '' }

type Variant = { args: string[]; first: () => First; env?: Record<string, string> }
type Times = Map<string, number[]>

/**
 * From starting a function's process to the answer to its first event, which real servers have a part in; whole, at a
 * quarter of a CPU, and what it then holds of memory.
 */
export const coldStart: Bench = async effort => {
  const stand = await openStand()
  const postgres = await startPostgres({ dir: join(stand.dir, 'postgres') })
  const quarter = await openQuota(0.25)
  try {
    const bundles = await buildAll(join(stand.dir, 'dist'))
    for (const { folder } of bundles) await warmed(folder)
    const sink = await openReceiver(stand)
    const set = hooksOf(1000, 'often', { url: sink.url, key: secrets.seal })
    await stand.putInForce(set)
    const env = environment(stand, postgres.url)
    const firsts = firstRequests(set)
    const [server, empty] = [join(stand.dir, 'server.cjs'), join(stand.dir, 'function.cjs')]
    await writeFile(server, emptyServer)
    await writeFile(empty, emptyFunction)
    const fileFor = (name: string) => bundles.find(bundle => bundle.name === name)?.file ?? ''
    const ours = Object.entries(firsts).map(([name, first]): [string, Variant] => [
      name,
      { args: [fileFor(name)], first },
    ])
    const variants = new Map<string, Variant>([
      ['server', { args: [server], first: () => get }],
      ['framework', { args: frameworkArgs(relative(fileOf(''), empty), 'empty', 'http'), first: () => get }],
      ...ours,
    ])
    const whole = await timed(variants, { env, rounds: 4 * effort.rounds })
    const little = quarter && (await timed(variants, { env, rounds: 2 * effort.rounds, quota: quarter }))
    const sources = await timed(sourcesOf(firsts), { env, rounds: effort.rounds })
    const held = await residentOf(bundles, { env, firsts })
    return {
      rows: [
        ...rowsOf('cold-start', whole),
        ...sourceRows(whole, sources),
        ...(little ? rowsOf('cold-start, 1/4 CPU:', little) : []),
        ...held,
      ],
      notes: [
        ...notesOf('', whole),
        ...(little
          ? notesOf('1/4 CPU (control group, 25 of each 100 ms): ', little)
          : ['Here nobody may make a control group: a quarter of a CPU is not measured']),
      ],
    }
  } finally {
    await quarter?.close()
    await postgres.stop()
    await stand.close()
  }
}

/** As the images do it, with the same Node and the same options. */
async function warmed(folder: string): Promise<void> {
  const [code] = await once(
    spawn(process.execPath, [fileOf('infra/warm.ts'), folder], { stdio: ['ignore', 'ignore', 'inherit'] }),
    'exit',
  )
  if (code !== 0) throw new Error(`Cannot fill the cache of ${folder}`)
}

const environment = (stand: Stand, database: string): Record<string, string> => ({
  ...{ NODE_ENV: 'production', PATH: process.env.PATH ?? '', LOG_LEVEL: 'error', RESOURCES_DIR: stand.dir },
  ...{ EVENT_CLUSTER: 'bench', EVENT_ENDPOINT: stand.natsUrl, REDIS_URL: stand.redisUrl },
  ...{ SERVER_TOKEN: secrets.server, BRIDGE_TOKEN: secrets.bridge, HOOK_SEAL_KEY: secrets.seal },
  ...{ DATABASE_URL: database, INGEST_URL: 'http://127.0.0.1:1', ALLOW_LOOPBACK_TARGETS: 'true' },
})

const sourcesOf = (firsts: Record<string, () => First>) =>
  new Map<string, Variant>(
    Object.entries(firsts).map(([name, first]) => [
      name,
      { args: frameworkArgs(`functions/${name}/index.ts`, name, 'http'), first },
    ]),
  )

/** Each variant in turn, round by round, so that a change of the machine's pace meets all alike; the first warms up. */
async function timed(
  variants: Map<string, Variant>,
  { env, rounds, quota }: { env: Record<string, string>; rounds: number; quota?: Quota },
): Promise<Times> {
  const times: Times = new Map([...variants.keys()].map(name => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { args, first }] of variants) {
      const { child, milliseconds } = await start(args, { env, first: first(), quota })
      if (round > 0) times.get(name)?.push(milliseconds)
      await child.kill()
    }
  }
  return times
}

const medianOf = (times: Times, name: string) => spread(times.get(name) ?? []).median

function rowsOf(what: string, times: Times): Row[] {
  const bases = new Set(['server', 'framework'])
  const names = [...times.keys()].filter(name => !bases.has(name))
  return names.flatMap((name): Row[] => {
    const row = { name: `${what} ${name}`, value: medianOf(times, name), unit: 'ms' }
    const framed = {
      against: 'an empty function under functions-framework',
      ratio: row.value / medianOf(times, 'framework'),
    }
    const empty = { against: 'an empty node:http server', ratio: row.value / medianOf(times, 'server') }
    const goal = most[name]
    return [
      judged({ ...row, ...framed }, { atMost: 1 }),
      goal === undefined ? { ...row, ...empty } : judged({ ...row, ...empty }, { atMost: goal }),
    ]
  })
}

const sourceRows = (times: Times, sources: Times): Row[] =>
  [...sources.keys()].map(name => {
    const value = medianOf(times, name)
    const against = 'its source under functions-framework'
    const ratio = value / medianOf(sources, name)
    return judged({ name: `cold-start ${name}`, value, unit: 'ms', against, ratio }, { atMost: 0.34 })
  })

const notesOf = (where: string, times: Times): string[] =>
  [...times].map(([name, all]) => {
    const { least, median, most: longest } = spread(all)
    return `${where}${name}: ${thousands(median)} ms, from ${thousands(least)} to ${thousands(longest)}`
  })
