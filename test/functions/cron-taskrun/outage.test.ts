import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drafts, ownRig } from './rig.ts'

const patience = { timeout: 20_000, interval: 20 }

describe('a run while NATS is away', async () => {
  const rig = await ownRig()

  it('goes on, and what it came to is written down when NATS is back', async () => {
    const mark = join(mkdtempSync(join(tmpdir(), 'outage-')), 'mark')
    const linesOf = () => {
      try {
        return readFileSync(mark, 'utf8').trim().split('\n')
      } catch {
        // Nobody wrote into it.
        return []
      }
    }
    const content = `echo ran >> ${mark}; sleep 1; echo 'OPS_FINDING:{"status":"alerting"}'; echo done >> ${mark}`
    await rig.make(drafts.task('outage', [{ content }]))
    const run = await rig.make(drafts.taskRun('outage', 'outage'))
    const order = { order: 'start', ...rig.about(run), kind: 'TaskRun' } as const
    const outcome = rig.give(order)
    await expect.poll(linesOf, patience).toEqual(['ran'])
    await rig.server.kill()
    expect(await rig.give(order), 'told again, nobody can say whether it is held').toMatchObject({
      kind: 'retry',
    })
    await expect.poll(linesOf, patience).toEqual(['ran', 'done'])
    await rig.server.restart()
    expect(await outcome).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'outage')).status.runStatus).toBe('Successed')
    expect(await rig.give(order)).toEqual({ kind: 'done' })
    expect(linesOf()).toEqual(['ran', 'done'])
  }, 60_000)
})
