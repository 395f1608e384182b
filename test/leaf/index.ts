import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCourse } from './run.ts'
import { versions } from './server.ts'

// npm run leaf -- --rate 200 --cut 600 --nats 2.9.10
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    cut: { type: 'string', default: '600' },
    before: { type: 'string', default: '20' },
    nats: { type: 'string', default: 'current' },
  },
})
const version = versions.find(name => name === values.nats)
if (!version) throw new Error(`--nats ${values.nats}: it has to be ${versions.join(' or ')}`)
const dir = mkdtempSync(join(tmpdir(), 'ops-events-leaf-'))
console.log(`Stores and logs are in ${dir}`)
const started = performance.now()
const { stored, received, ...rest } = await runCourse({
  dir,
  version,
  rate: Number(values.rate),
  before: Number(values.before),
  cut: Number(values.cut),
  mainDies: true,
  patience: 600,
  say: line => console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}`),
})
for (const [where, is] of Object.entries({ 'main stream': stored, receiver: received })) {
  const { lost, twice, disordered, ...counts } = is
  const wrong = { lost: lost.length, twice: twice.length, 'out of order': disordered.length }
  console.log(where, { ...counts, ...wrong }, [...lost, ...twice, ...disordered].slice(0, 10).join(' '))
}
console.log(rest)
const wrong = [stored, received].flatMap(({ lost, twice, disordered }) => [lost, twice, disordered].flat())
process.exit(wrong.length > 0 || rest.losses > 0 ? 1 : 0)
