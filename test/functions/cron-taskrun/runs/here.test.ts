import { describe, expect, it } from 'vitest'
import { runsHere } from '../../../../functions/cron-taskrun/runs/here.ts'

describe('runsHere()', () => {
  it('ends all that is under way, and waits until it stands written', async () => {
    const here = runsHere()
    const written: string[] = []
    const run = (name: string) => {
      let end = (_: string) => {}
      const ended = new Promise<string>(resolve => {
        end = resolve
      })
      return here.during(
        async why => end(why),
        async () => {
          written.push(`${name}: ${await ended}`)
        },
      )
    }
    const all = [run('a'), run('b')]
    await here.stopAll('stopped')
    expect(written).toEqual(['a: stopped', 'b: stopped'])
    await Promise.all(all)
  })

  it('knows nothing of what is over, however that ended', async () => {
    const here = runsHere()
    const stops: string[] = []
    const stop = async (why: string) => {
      stops.push(why)
    }
    await here.during(stop, async () => 'done')
    await expect(here.during(stop, () => Promise.reject(new Error('It broke')))).rejects.toThrow('It broke')
    await here.stopAll('stopped')
    expect(stops).toEqual([])
  })
})
