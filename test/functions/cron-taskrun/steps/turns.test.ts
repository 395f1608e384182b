import { describe, expect, it } from 'vitest'
import { turns } from '../../../../functions/cron-taskrun/steps/turns.ts'

const quiet = new AbortController().signal

describe('turns()', () => {
  it('lets in so many at once, and the others in the order in which they came', async () => {
    const turn = turns(2)
    const came: string[] = []
    const come = async (name: string) => {
      const leave = await turn(quiet)
      came.push(name)
      return leave
    }
    const [first] = await Promise.all([come('a'), come('b')])
    const [third, fourth] = [come('c'), come('d')]
    await Promise.resolve()
    expect(came).toEqual(['a', 'b'])
    first?.()
    ;(await third)()
    await fourth
    expect(came).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets in at once who is told that it is over, and takes no place from the others', async () => {
    const turn = turns(1)
    const leave = await turn(quiet)
    const over = new AbortController()
    const waiting = turn(over.signal)
    over.abort()
    ;(await waiting)()
    const next = turn(quiet)
    let entered = false
    void next.then(() => {
      entered = true
    })
    await Promise.resolve()
    expect(entered).toBe(false)
    leave()
    await next
  })
})
