import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from '../../../infra/local/child.ts'

const writing = `const { appendFileSync } = require('node:fs')
for (;;) appendFileSync(process.argv[1], '.')`

it('stands still once it was told to stop, and goes on when it is told so', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-child-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'written')
  const written = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const child = await startChild(process.execPath, ['-e', writing, file])
  onTestFinished(() => child.kill())
  await expect.poll(written).toBeGreaterThan(0)
  for (let times = 0; times < 20; times++) {
    await child.kill('SIGSTOP')
    const then = written()
    await pause(20)
    expect(written()).toBe(then)
    await child.kill('SIGCONT')
    await expect.poll(written, { interval: 5 }).toBeGreaterThan(then)
  }
})

it('is waited for where it is gone already', async () => {
  const child = await startChild(process.execPath, ['-e', ''])
  expect(await child.exited).toBe('code 0')
  await child.kill('SIGSTOP')
  await child.kill()
})
