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
const now = { wall: 5_000, random: 1, crowded: false, full: false }
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

describe('nextFor() of a delivery', () => {
  const hours = (count: number) => count * 3600_000
  const delivery = Trigger.parse({
    ...trigger,
    delivery: { retry: 100, backoffPolicy: 'ladder', maxAge: 'PT24H', backlog: 5 },
  })
  // Its first attempt was at 5 s.
  const at = (age: number) => ({ ...now, random: 0.5, wall: 5_000 + age })

  it('climbs the ladder from the stream', () => {
    const delays = [0, 1, 2, 9].map(attempts => nextFor(delivery, failed(attempts), retry('no'), at(0)))
    expect(delays).toMatchObject([
      { kind: 'wait', delay: 5_000 },
      { kind: 'leave', delay: 30_000 },
      { kind: 'leave', delay: 120_000 },
      { kind: 'leave', delay: hours(2) },
    ])
  })

  it('tries for the last time at its age, and then says why and for how long it tried', () => {
    // A message in retries was stored there lately, however old its story is.
    const old = { ...failed(13), pulled: { ...item().pulled, stream: 'retries', stored: hours(23) } }
    expect(nextFor(delivery, old, retry('no'), at(hours(23)))).toMatchObject({
      delay: hours(1),
      attempts: 14,
    })
    expect(nextFor(delivery, old, retry('no', { after: hours(1.5) }), at(hours(23)))).toMatchObject({
      delay: hours(1),
    })
    expect(nextFor(delivery, old, retry('no', { code: 503 }), at(hours(24)))).toEqual({
      ...{ kind: 'bury', attempts: 14, reason: 'gave up after 24h: no', code: 503 },
    })
    const unattempted = retry('open circuit', { attempted: false, after: 60_000 })
    expect(nextFor(delivery, old, unattempted, at(hours(24)))).toEqual({
      ...{ kind: 'bury', attempts: 13, reason: 'gave up after 24h: open circuit' },
    })
  })

  it('says an age that is no whole hours as well', () => {
    const short = { ...delivery, delivery: { ...delivery.delivery, maxAge: 90_000 } }
    expect(nextFor(short, failed(1), retry('no'), at(90_000))).toMatchObject({
      reason: 'gave up after 1m30s: no',
    })
  })

  it('waits as asked where nothing was attempted, whatever the ladder says', () => {
    const asked = retry('open circuit', { attempted: false, after: 20_000 })
    expect(nextFor(delivery, failed(6), asked, at(0))).toMatchObject({ attempts: 6, delay: 20_000 })
  })

  it('keeps in hand what is in order and was not attempted, for however long that goes on', () => {
    const outcome = retry('no hooks', { attempted: false })
    expect(nextFor({ ...trigger, ordered: true }, item(), outcome, at(hours(1)))).toMatchObject({
      kind: 'wait',
    })
    expect(nextFor(trigger, item(), outcome, at(hours(1)))).toMatchObject({ kind: 'leave', delay: 300_000 })
  })

  it('buries what would have to wait behind a full backlog, and nothing else', () => {
    const full = { ...at(0), full: true }
    expect(nextFor(delivery, item(), retry('no'), full)).toEqual({
      ...{ kind: 'bury', attempts: 1, reason: 'backlog full: 5 deliveries wait for this hook (no)' },
    })
    expect(nextFor(delivery, item(), done, full)).toEqual({ kind: 'ack' })
    expect(nextFor(delivery, item(), drop('gone'), full)).toMatchObject({ reason: 'gone' })
  })
})
