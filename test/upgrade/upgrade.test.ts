import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sharedDist } from '../dist.ts'
import { ownNats, ownPostgres, ownRedis } from '../servers.ts'
import { inOrder, upgrade } from './run.ts'

const [nats, redis, postgres] = await Promise.all([ownNats(), ownRedis(), ownPostgres()])

test('every process is replaced under load: each event arrives once and is stored once, and the ledger is even', {
  timeout: 400_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-upgrade-'))
  const dist = await sharedDist()
  const said: string[] = []
  const { missing, invented, confused, unbalanced, miscounted, rude, repeats } = await upgrade({
    dir,
    at: { nats: nats.url, redis: redis.url, postgres: postgres.url },
    rate: 100,
    manners: { lag: 100, preStop: 300, grace: 40_000 },
    from: dist,
    steps: [{ names: inOrder, to: dist }],
    say: line => said.push(line),
  })
  expect(
    { missing, invented, confused, unbalanced, miscounted, rude, repeats },
    `${said.join('\n')}\nlogs in ${dir}`,
  ).toEqual({
    ...{ missing: [], invented: [], confused: [], unbalanced: [], miscounted: [], rude: [], repeats: 0 },
  })
  rmSync(dir, { recursive: true })
})
