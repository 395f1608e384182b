import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAll } from '../../infra/build.ts'
import { startNats, startPostgres, startRedis } from '../../infra/local/servers.ts'
import { bundlesOf } from './bundles.ts'
import { inOrder, upgrade } from './run.ts'

// npm run upgrade -- --from v0.1.0 --rate 500 --lag 1000 --pre-stop 3000
const { values } = parseArgs({
  options: {
    /** What runs at first; from there to what lies here, back again, and over again in the other order. */
    from: { type: 'string', default: 'HEAD' },
    rate: { type: 'string', default: '500' },
    lag: { type: 'string', default: '1000' },
    'pre-stop': { type: 'string', default: '3000' },
  },
})
const dir = mkdtempSync(join(tmpdir(), 'ops-events-upgrade-'))
console.log(`Ledgers and logs are in ${dir}`)
const [older, newer] = [await bundlesOf(values.from, join(dir, 'older')), join(dir, 'newer')]
await buildAll(newer)
const servers = await Promise.all([
  startNats({ dir: join(dir, 'nats') }),
  startRedis({ dir: join(dir, 'redis') }),
  startPostgres({ dir: join(dir, 'postgres') }),
])
const [nats, redis, postgres] = servers.map(({ url }) => url)
const { latencies, missing, invented, confused, unbalanced, miscounted, rude, ...counts } = await upgrade({
  dir,
  at: { nats: nats ?? '', redis: redis ?? '', postgres: postgres ?? '' },
  rate: Number(values.rate),
  manners: { lag: Number(values.lag), preStop: Number(values['pre-stop']), grace: 40_000 },
  from: older,
  steps: [
    { names: inOrder, to: newer },
    { names: inOrder, to: older },
    { names: inOrder.toReversed(), to: newer },
  ],
  say: console.log,
})
await Promise.all(servers.map(server => server.stop()))
console.log(counts)
console.log('From the post to the receiver, in milliseconds, by what was replaced meanwhile:')
console.table(latencies)
const wrong = { missing, invented, confused, unbalanced, miscounted, rude }
for (const [name, list] of Object.entries(wrong)) {
  console.log(`${name}: ${list.length}${list.length > 0 ? ` (${list.slice(0, 10).join('; ')})` : ''}`)
}
process.exit(Object.values(wrong).some(list => list.length > 0) ? 1 : 0)
