import { describe, expect, it } from 'vitest'
import { cutOf } from '../../../../functions/cron-taskrun/steps/cut.ts'
import { heldRuns } from '../../../../functions/cron-taskrun/steps/held.ts'
import { newRun, workOf } from '../work.ts'

const place = {
  place: 'here',
  runStatus: 'Successed' as const,
  startTime: '2026-11-21T12:00:00Z',
  completionTime: '2026-11-21T12:00:01Z',
  steps: [],
}
const now = () => new Date('2026-11-21T12:00:00Z')
const work = () => workOf(['here'], [], { deadline: new Date('2026-11-21T13:00:00Z') })

describe('the runs of this process', () => {
  it('are known as long as they run, and afterwards', async () => {
    const held = heldRuns({ most: 2, now })
    const one = work()
    const { promise, resolve } = Promise.withResolvers<void>()
    const started = held.start(one, () => promise.then(() => [place]))
    expect(held.look(one.run)).toEqual({ state: 'running' })
    resolve()
    expect(await started).toEqual({ state: 'ended', places: [place] })
    expect(held.look(one.run)).toEqual({ state: 'ended', places: [place] })
    expect(held.look(newRun())).toBeUndefined()
  })

  it('are forgotten after many others', async () => {
    const held = heldRuns({ most: 2, now })
    const works = Array.from({ length: 65 }, work)
    for (const one of works) await held.start(one, async () => [place])
    expect(works.map(({ run }) => held.look(run) !== undefined)).toEqual([false, ...Array(64).fill(true)])
  })

  it('may be started again when nothing was started', async () => {
    const held = heldRuns({ most: 1, now })
    const one = work()
    await expect(held.start(one, () => Promise.reject(new Error('No folder')))).rejects.toThrow('No folder')
    expect(held.look(one.run)).toBeUndefined()
    expect(await held.start(one, async () => [place])).toMatchObject({ state: 'ended' })
  })

  it('are told of their deadline, also where that is long over', async () => {
    const held = heldRuns({ most: 1, now })
    const late = { ...work(), deadline: new Date('2026-11-21T11:00:00Z') }
    const told = new Promise(resolve => {
      void held.start(late, async signal => {
        await new Promise(over => signal.addEventListener('abort', over))
        resolve(cutOf(signal))
        return []
      })
    })
    expect(await told).toEqual({ status: 'Failed', why: 'the deadline of the run passed' })
  })

  it('are stopped only where they are', async () => {
    const held = heldRuns({ most: 1, now })
    expect(await held.stop(newRun(), 'nobody wants it')).toBe(false)
  })
})
