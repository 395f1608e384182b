import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outcomeBy } from '../../../functions/hook-evaluate/account.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import { SilenceSpec } from '../../../shared/silence.ts'
import type { Tally } from '../../../shared/tally.ts'
import { backOff, hook, worldOf } from './world.ts'

/** What is left when all that became of a hook's events is taken from all that there was. */
const balance = (row: Tally[string]): number => {
  const { matched = 0, notices = 0, ...became } = row
  return Object.values(became).reduce((rest, count) => rest - count, matched + notices)
}

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const settings = fc.record({
  type: fc.constantFrom('webhook' as const, 'event' as const),
  target: fc.constantFrom('alerts', 'ops.*.*.*.*.*.*.*.*.*.x'),
  filters: optional(fc.constant([{ prefix: { 'data.reason': 'F' } }])),
  dedup: optional(
    fc.constantFrom({ window: 60_000, key: ['reason'] }, { window: 7_200_000, key: ['subject'] }),
  ),
  threshold: optional(fc.constantFrom({ count: 2, window: 60_000, groupBy: ['reason'] })),
  stormLimit: optional(fc.integer({ min: 1, max: 4 })),
  resolve: optional(fc.constant(true as const)),
  suspend: optional(fc.constant(true as const)),
})
const happening = fc.record({
  object: fc.constantFrom('pod1', 'pod2'),
  reason: fc.constantFrom('FailedScheduling', 'Scheduled', 'FailedMount', 'Started', 'BackOff'),
  pause: fc.constantFrom(0, 0, 0, 20_000, 60_000),
  fault: fc.constantFrom(undefined, undefined, undefined, 'refused' as const, 'full' as const),
})

const hooksOf = (all: object[]): CompiledHook[] =>
  all.map((made, n) => hook({ name: `h${n}`, ...JSON.parse(JSON.stringify(made)) }))

describe('the tally of an answer', () => {
  it('balances for every event and hook, whatever happens, and is the same when the event comes again', async () => {
    const counted = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(settings, { minLength: 1, maxLength: 3 }),
        fc.array(fc.array(happening, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        async (made, batches) => {
          const spec = SilenceSpec.parse({
            until: '2026-02-01T00:00:00Z',
            matchers: [{ name: 'data.reason', value: 'BackOff' }],
            hooks: ['ops-system/h0'],
          })
          const at = worldOf(hooksOf(made), {
            silences: async () => [{ id: 'a/b', namespace: 'a', name: 'b', spec }],
          })
          const { publish } = at.world
          let fault: 'refused' | 'full' | undefined
          at.world.publish = message =>
            fault ? Promise.reject(new PublishError(fault, fault)) : publish(message)
          let n = 0
          for (const batch of batches) {
            const events = batch.map(({ object, reason }): OpsEvent => {
              const subject = `ops.clusters.c1.namespaces.ns1.pods.${object}.events`
              return backOff({ id: `e${n++}`, subject, data: { kind: 'Pod', reason, name: object } })
            })
            at.pass(Math.max(...batch.map(({ pause }) => pause)))
            fault = batch[0]?.fault
            const first = await at.handle(events)
            fault = undefined
            const outcomes = [...first, ...(await at.handle(events)), ...(await at.due())]
            for (const [index, outcome] of first.entries())
              if (outcome.kind === 'done')
                expect(outcomes[index + first.length]).toEqual(
                  outcome.tally ? { ...outcome, recalled: true } : outcome,
                )
            for (const outcome of outcomes) check(outcome)
          }
        },
      ),
      { numRuns: 150, seed: 4 },
    )
    expect([...counted].sort(), 'nothing was left out').toEqual(
      [
        ...['matched', 'notices', 'dedup', 'threshold', 'storm', 'silenced', 'suspended'],
        ...['queued', 'republished', 'refused'],
      ].sort(),
    )

    function check(outcome: Outcome) {
      if (outcome.kind === 'retry') return
      for (const [id, row] of Object.entries(outcome.tally ?? {})) {
        expect(balance(row), `${id} ${JSON.stringify(row)}`).toBe(0)
        for (const name of Object.keys(row)) counted.add(name)
      }
    }
  })
})

describe('outcomeBy() of what is remembered', () => {
  it.each<[string, Outcome]>([
    [
      '{"a/b":{"matched":1,"queued":1}}',
      { kind: 'done', tally: { 'a/b': { matched: 1, queued: 1 } }, recalled: true },
    ],
    ['{}', { kind: 'done' }],
    ['1', { kind: 'done' }],
    ['', { kind: 'done' }],
    ['{"a/b":{"matched":-1}}', { kind: 'done' }],
  ])('%s', (memo, outcome) => {
    expect(outcomeBy(memo)).toEqual(outcome)
  })
})
