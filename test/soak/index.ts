import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './run.ts'

// npm run soak -- --nodes 50 --pods 500 --away 60 --calm 15 --seed 7
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    pods: { type: 'string', default: '500' },
    away: { type: 'string', default: '60' },
    calm: { type: 'string', default: '15' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})
const dir = mkdtempSync(join(tmpdir(), 'ops-events-soak-'))
console.log(`Seed ${values.seed}; logs are in ${dir}`)
const { latencies, missing, doubled, invented, undelivered, ...counts } = await run({
  dir,
  nodes: Number(values.nodes),
  pods: Number(values.pods),
  away: Number(values.away),
  calm: Number(values.calm),
  seed: Number(values.seed),
  say: console.log,
})
console.log(counts)
console.log('From the API server to the sink, in milliseconds:')
console.table(latencies)
const wrong = { missing, doubled, invented, undelivered }
for (const [name, list] of Object.entries(wrong)) {
  console.log(`${name}: ${list.length}${list.length > 0 ? ` (${list.slice(0, 10).join('; ')})` : ''}`)
}
process.exit(Object.values(wrong).some(list => list.length > 0) ? 1 : 0)
