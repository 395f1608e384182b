import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { everyone, run } from './run.ts'

// npm run chaos -- --events 10000 --rate 500 --fan 4 --kills 12 --seed 7 --victims bridge,nats-server
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '500' },
    fan: { type: 'string', default: '1' },
    kills: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    victims: { type: 'string', default: everyone.join(',') },
  },
})
const dir = mkdtempSync(join(tmpdir(), 'ops-events-chaos-'))
console.log(`Seed ${values.seed}; ledgers and logs are in ${dir}`)
const { missing, invented, confused, unbalanced, ...counts } = await run({
  dir,
  events: Number(values.events),
  rate: Number(values.rate),
  fan: Number(values.fan),
  kills: Number(values.kills),
  seed: Number(values.seed),
  victims: values.victims.split(','),
  say: console.log,
})
console.log({ ...counts, repeated: `${((100 * counts.repeats) / counts.received).toFixed(2)} %` })
for (const [name, list] of Object.entries({ missing, invented, confused, unbalanced })) {
  console.log(`${name}: ${list.length}${list.length > 0 ? ` (${list.slice(0, 10).join('; ')})` : ''}`)
}
process.exit(missing.length + invented.length + confused.length + unbalanced.length > 0 ? 1 : 0)
