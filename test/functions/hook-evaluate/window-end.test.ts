import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endMessage, isWindowEnd, untilOf, windowEndOf } from '../../../functions/hook-evaluate/window-end.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { backOff, hook, waitsWell } from './world.ts'

const noon = Date.parse('2026-01-31T12:00:00Z')
const hour = 3_600_000
const window = { kind: 'dedup' as const, key: 'k', start: noon }
const end = (until: number, event = backOff()) => ({ hook: 'a/b', window, until, event })
const read = (message: ReturnType<typeof endMessage>): OpsEvent => JSON.parse(String(message.payload))

describe('endMessage()', () => {
  it('is read again as what it was made of', () => {
    const made = read(endMessage(end(noon + hour), noon))
    expect(isWindowEnd(made)).toBe(true)
    expect(windowEndOf(made)).toEqual(end(noon + hour))
  })

  it('waits at most two hours, in turns that end when the window does and are the same whenever they begin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 24 * hour }),
        fc.integer({ min: 0, max: 60_000 }),
        (length, later) => {
          const turns = []
          let now = noon
          do {
            const message = endMessage(end(noon + length), now)
            const due = Number(message.headers?.['Ops-Due'])
            expect(due - now).toBeLessThanOrEqual(2 * hour)
            expect(waitsWell(message.subject), message.subject).toBe(true)
            if (now + later < due) expect(endMessage(end(noon + length), now + later).id).toBe(message.id)
            turns.push(message.id)
            now = due
          } while (now < noon + length)
          expect(now).toBe(noon + length)
          expect(new Set(turns).size).toBe(turns.length)
        },
      ),
      { seed: 3 },
    )
  })

  it('has a class to wait in though the window is over already', () => {
    expect(endMessage(end(noon - hour), noon).subject).toMatch(/^retries\.hook-evaluate\.1\./)
  })

  it('keeps a subject that is too long in its header', () => {
    const subject = `ops.${'x'.repeat(1_100)}`
    const message = endMessage(end(noon + hour, backOff({ subject })), noon)
    expect(message).toMatchObject({
      subject: 'retries.hook-evaluate.3600.long',
      headers: { 'Ops-Subject': subject },
    })
  })

  it('leaves behind what is too large to travel', () => {
    const { data: _, ...bare } = backOff()
    const binary: OpsEvent = { ...bare, data_base64: 'x'.repeat(70_000) }
    expect(windowEndOf(read(endMessage(end(noon, binary), noon)))?.event).toEqual(bare)
  })
})

describe('windowEndOf()', () => {
  it.each([undefined, null, 'text', {}, { ...end(noon), event: { id: 'e1' } }, { ...end(noon), window: {} }])(
    'reads nothing in %j',
    data => {
      expect(windowEndOf({ ...read(endMessage(end(noon), noon)), data })).toBeUndefined()
    },
  )
})

describe('untilOf()', () => {
  it('is the end of the window, and of a minute a little later', () => {
    const deduped = hook({ name: 'a', dedup: { window: hour, key: [] } })
    expect(untilOf(deduped, window)).toBe(noon + hour)
    expect(untilOf(deduped, { ...window, kind: 'storm' })).toBe(noon + 62_000)
  })
})
