import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { failedTests } from '../../infra/failed-tests.ts'

const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')

it('names each test that failed, and what each of its tries said', () => {
  const root = mkdtempSync(join(tmpdir(), 'failed-tests-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(
    join(root, 'sums.test.ts'),
    `let tries = 0
    describe('sums', () => {
      it('are right', () => expect(1 + 1).toBe(2))
      it('are wrong', () => expect(\`three, try \${++tries}\`).toBe('four'))
      it.skip('are left out', () => {})
    })`,
  )
  const report = join(root, 'tests.json')
  const how = ['--globals', '--retry=1', '--reporter=json', `--outputFile.json=${report}`]
  spawnSync(process.execPath, [vitest, 'run', '--root', root, ...how], { env: { PATH: process.env.PATH } })
  const [failed, ...others] = failedTests(readFileSync(report, 'utf8'), root)
  expect(others).toEqual([])
  expect(failed).toMatch(/^sums\.test\.ts: sums are wrong$/m)
  for (const turn of [1, 2]) expect(failed).toContain(`expected 'three, try ${turn}' to be 'four'`)
})

it('says nothing of what is no report', () => {
  expect(failedTests('', '/')).toEqual([])
  expect(failedTests('{"testResults":[]}', '/')).toEqual([])
})
