import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { runHoldersOver } from '../../../shared/adapters/run-holders.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

describe.each(natsVersions)('who holds a run, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = [0, 1].map(number => openNats(server.url, `holder-${number}`, log))
  beforeAll(() => Promise.all(nats.map(({ opened }) => opened)))
  afterAll(() => Promise.all(nats.map(({ close }) => close())))
  const [one, other] = nats.map(runHoldersOver)
  if (!one || !other) throw new Error('There are two')

  it('is nobody at first, and that is known at once', async () => {
    expect(await one.isHeld('nobody')).toBe(false)
    await one.stop('nobody', 'Why not')
  })

  it('is known to others as long as it does', async () => {
    const held = await one.hold('a', () => {})
    expect(await other.isHeld('a')).toBe(true)
    expect(await one.isHeld('a'), 'and to itself').toBe(true)
    held.letGo()
    await expect.poll(() => other.isHeld('a')).toBe(false)
  })

  it('is told to stop and why, and is waited for', async () => {
    const told: string[] = []
    const held = await one.hold('b', why => {
      told.push(why)
      setTimeout(() => held.letGo(), 50)
    })
    expect(await other.isHeld('b'), 'a question is no word to stop').toBe(true)
    await other.stop('b', 'It was deleted')
    expect(told).toEqual(['It was deleted'])
    expect(await other.isHeld('b')).toBe(false)
  })

  it('is nobody any more when its connection breaks', async () => {
    const third = openNats(server.url, 'holder-3', log)
    await third.opened
    await runHoldersOver(third).hold('c', () => {})
    expect(await one.isHeld('c')).toBe(true)
    await third.close()
    expect(await one.isHeld('c')).toBe(false)
  })
})
