import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { isOver, raisedIn } from '../../../shared/adapters/raised.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const first = { deliveryid: 'd1', since: '2026-01-31T12:00:00Z' }
const second = { deliveryid: 'd2', since: '2026-01-31T13:00:00Z' }

describe.each(natsVersions)('the troubles that were told, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'raised-test', log)
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => nats.close())
  const troubles = raisedIn(nats)
  const known = async (key: string) => (await troubles.get(key))?.raised

  it('are none at first', async () => {
    expect(await troubles.get('none')).toBeUndefined()
  })

  it('keep their first beginning while they last', async () => {
    await troubles.open('lasting', first)
    await troubles.open('lasting', second)
    expect(await known('lasting')).toEqual(first)
  })

  it('are over by an event, and begin anew only by another delivery', async () => {
    await troubles.open('over', first)
    const found = await troubles.get('over')
    if (found) await troubles.close('over', found, 'e1')
    expect(await known('over')).toEqual({ ...first, over: 'e1' })
    await troubles.open('over', first)
    expect(await known('over'), 'the same told once more').toEqual({ ...first, over: 'e1' })
    await troubles.open('over', second)
    expect(await known('over')).toEqual(second)
  })

  it('are not over by an event that saw an older record', async () => {
    await troubles.open('newer', first)
    const found = await troubles.get('newer')
    if (!found) throw new Error('It has just been put')
    await troubles.close('newer', found, 'e1')
    await troubles.open('newer', second)
    await troubles.close('newer', found, 'e1')
    expect(await known('newer')).toEqual(second)
  })

  it('cannot be asked for while NATS is away', async () => {
    await server.kill()
    await expect.poll(() => nats.up()).toBeUndefined()
    await expect(troubles.get('lasting')).rejects.toThrow('NATS is away')
    await expect(troubles.open('lasting', first)).rejects.toThrow('NATS is away')
  })
})

describe('isOver()', () => {
  it.each([
    [first, second, false],
    [{ ...first, over: 'e1' }, first, false],
    [{ ...first, over: 'e1' }, second, true],
  ])('%j when %j is told: %s', (known, told, over) => {
    expect(isOver(known, told)).toBe(over)
  })
})
