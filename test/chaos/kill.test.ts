import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { everyone, run } from './run.ts'

test('kill -9 of every process and both servers under load loses nothing and keeps every webhook-id', {
  timeout: 400_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-kill-'))
  const said: string[] = []
  const findings = await run({
    dir,
    events: 3_000,
    rate: 300,
    fan: 1,
    seed: 20_261_120,
    kills: everyone.length,
    victims: everyone,
    say: line => said.push(line),
  })
  const { missing, invented, confused, unbalanced, accepted } = findings
  expect({ missing, invented, confused, unbalanced, accepted }, `${said.join('\n')}\nlogs in ${dir}`).toEqual(
    {
      missing: [],
      invented: [],
      confused: [],
      unbalanced: [],
      accepted: 3_000,
    },
  )
  expect(said.filter(line => line.includes('kill -9'))).toHaveLength(everyone.length)
  rmSync(dir, { recursive: true })
})
