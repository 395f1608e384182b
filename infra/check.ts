// `npm run check`: the one gate. Every step runs, whatever the others say; a further one is a further line.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failedTests } from './failed-tests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const report = resolve(root, '.local/tests.json')

const steps: Array<{ name: string; run: [command: string, ...args: string[]] }> = [
  { name: 'types', run: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'lint and format', run: ['biome', 'check', '--error-on-warnings'] },
  { name: 'CRDs fresh', run: [process.execPath, 'infra/crds.ts', '--check'] },
  { name: 'rights fresh', run: [process.execPath, 'infra/install/write.ts', '--check'] },
  { name: 'alerts fresh', run: [process.execPath, 'infra/prometheus/write.ts', '--check'] },
  { name: 'house shape and tests', run: ['vitest', 'run', ...reporters()] },
]

/** People read the first one; the second is for programs, such as .ci/run. */
function reporters(): string[] {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
}

rmSync(report, { force: true })
const results = steps.map(({ name, run: [command, ...args] }) => {
  console.log(`\n== ${name}: ${command} ${args.join(' ')}`)
  const began = Date.now()
  const { status } = spawnSync(resolve(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    stdio: 'inherit',
  })
  return { name, ok: status === 0, seconds: (Date.now() - began) / 1000 }
})

console.log('')
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`)
}
// Their own reports are thousands of lines above.
for (const failed of existsSync(report) ? failedTests(readFileSync(report, 'utf8'), root) : []) {
  console.log(`\n${failed}`)
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
