import { describe, expect, it } from 'vitest'
import { nextFor } from '../../../functions/bridge/next.ts'
import { Trigger } from '../../../functions/bridge/triggers.ts'
import { done, drop, outcomeOfStatus, retry } from '../../../shared/outcome.ts'
import { item } from './items.ts'

const trigger = Trigger.parse({
  name: 't',
  filter: { subjects: ['ops.>'] },
  sink: { uri: 'http://x/' },
  delivery: { retry: 3, backoffDelay: 'PT1S' },
})
const now = { wall: 5_000, random: 1, crowded: false }
const failed = (attempts: number) => ({ ...item(), attempts })

describe('nextFor()', () => {
  it.each([200, 201, 202, 204, 299])('acknowledges after a %i', status =>
    expect(nextFor(trigger, item(), outcomeOfStatus(status, 'x'), now)).toEqual({ kind: 'ack' }),
  )

  it.each([300, 301, 307, 400, 401, 403, 405, 406, 410, 411, 413, 414, 415, 422, 451])(
    'buries at once after a %i',
    status =>
      expect(nextFor(trigger, item(), outcomeOfStatus(status, 'x'), now)).toEqual({
        ...{ kind: 'bury', attempts: 1, reason: `x answered ${status}`, code: status },
      }),
  )

  it.each([404, 408, 409, 425, 429, 500, 502, 503, 504, 599])('waits after a %i', status =>
    expect(nextFor(trigger, item(), outcomeOfStatus(status, 'x'), now)).toMatchObject({
      kind: 'wait',
      attempts: 1,
      delay: 1_000,
    }),
  )

  it('gives up after the last attempt', () => {
    expect(nextFor(trigger, failed(2), retry('no'), now)).toMatchObject({
      kind: 'wait',
      attempts: 3,
      delay: 4_000,
    })
    expect(nextFor(trigger, failed(3), retry('no', { code: 503 }), now)).toEqual({
      kind: 'bury',
      attempts: 4,
      reason: 'no',
      code: 503,
    })
  })

  it('does not count what was not attempted', () => {
    const outcome = retry('open circuit', { attempted: false })
    expect(nextFor(trigger, failed(3), outcome, now)).toMatchObject({ kind: 'wait', attempts: 3 })
  })

  it('leaves for a long wait, and for a short one where it is crowded', () => {
    expect(nextFor(trigger, item(), retry('no', { after: 20_000 }), now)).toMatchObject({
      kind: 'leave',
      delay: 20_000,
    })
    expect(nextFor(trigger, item(), retry('no', { after: 5_000 }), now)).toMatchObject({
      kind: 'wait',
      delay: 5_000,
    })
    expect(nextFor(trigger, item(), retry('no'), { ...now, crowded: true })).toMatchObject({ kind: 'leave' })
  })

  it('buries what its stream would soon throw away, and never what was taken or refused', () => {
    const old = { ...now, wall: 23 * 3600_000 }
    expect(nextFor(trigger, item(), retry('no'), old)).toMatchObject({
      kind: 'bury',
      reason: 'too old to wait any longer: no',
    })
    expect(nextFor(trigger, item(), done, old)).toEqual({ kind: 'ack' })
    expect(nextFor(trigger, item(), drop('no'), old)).toMatchObject({ kind: 'bury', reason: 'no' })
  })
})
