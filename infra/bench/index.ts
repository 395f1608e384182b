import { mkdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { bridge } from './bridge.ts'
import { chain } from './chain.ts'
import { coldStart } from './cold-start.ts'
import { evaluate } from './evaluate.ts'
import { ingest } from './ingest.ts'
import { isolation } from './isolation.ts'
import { machine } from './machine.ts'
import { manyHooks } from './many-hooks.ts'
import { memory } from './memory.ts'
import { paced } from './paced.ts'
import { publishing } from './publish.ts'
import type { Effort } from './rounds.ts'
import type { Row } from './row.ts'
import { runs } from './runs.ts'
import { fileOf } from './stand.ts'
import { table } from './table.ts'

const benches: Record<string, Bench> = {
  publish: publishing,
  bridge,
  evaluate,
  chain,
  paced,
  isolation,
  hooks: manyHooks,
  ingest,
  runs,
  memory,
  'cold-start': coldStart,
}

// npm run bench -- --quick --only chain; with BENCH_PROFILES=<folder> every process of ours leaves a CPU profile there.
const { values: args } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } },
})
const unknown = (args.only ?? []).filter(name => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}", there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
const effort: Effort = args.quick
  ? { rounds: 1, size: 0.1, patience: { left: 0 } }
  : { rounds: 5, size: 1, patience: { left: 90_000 } }

console.log(await machine())
if (args.quick) console.log('A quick run shows that everything works; it is too short to judge speed by')
const rows: Row[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (args.only && !args.only.includes(name)) continue
  const started = performance.now()
  const result = await bench(effort)
  rows.push(...result.rows)
  console.log(`\n${name} (${((performance.now() - started) / 1000).toFixed(0)} s)\n${table(result.rows)}`)
  for (const note of result.notes) console.log(`  ${note}`)
}
await mkdir(fileOf('.local'), { recursive: true })
await writeFile(fileOf('.local/bench.json'), `${JSON.stringify(rows, null, 2)}\n`)
const missed = rows.filter(({ met }) => met === false)
console.log(`\n${rows.length} rows in .local/bench.json, ${missed.length} of the goals missed`)
for (const { name, goal } of missed) console.log(`  ${name}: ${goal}`)
