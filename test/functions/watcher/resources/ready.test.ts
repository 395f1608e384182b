import { describe, expect, it } from 'vitest'
import type { Placed } from '../../../../functions/watcher/compile.ts'
import { clusterSource } from '../../../../functions/watcher/resources/hooks.ts'
import { lackingStatus, verdictsOf } from '../../../../functions/watcher/resources/ready.ts'
import { object } from './objects.ts'

const placedHook = (name: string): Placed => ({
  file: clusterSource,
  hook: {
    ...{ id: `ops/${name}`, namespace: 'ops', name, revision: `r-${name}`, subject: 'ops.>', sealed: '' },
    ...{ include: [], exclude: [], type: 'webhook', matchMode: 'ANY', matchType: 'CONTAINS' },
  },
})
const verdict = { uid: 'uid-a', generation: 2, ready: false, message: 'spec.url: it is wrong; …' }
const now = Date.parse('2026-01-02T03:04:05.678Z')
const since = '2026-01-01T00:00:00Z'
const condition = {
  type: 'Ready',
  status: 'False',
  reason: 'Refused',
  message: verdict.message,
  observedGeneration: 2,
  lastTransitionTime: since,
}
const hook = (status?: object) => object('a', { metadata: { generation: 2 }, ...(status && { status }) })

describe('lackingStatus()', () => {
  it('is all of it at first', () => {
    expect(lackingStatus(hook(), verdict, now)).toEqual({
      observedGeneration: 2,
      conditions: [{ ...condition, lastTransitionTime: '2026-01-02T03:04:05Z' }],
    })
  })

  it('is nothing where the status says it already', () => {
    const status = { observedGeneration: 2, conditions: [condition], matched: 7 }
    expect(lackingStatus(hook(status), verdict, now)).toBeUndefined()
  })

  it('keeps the time while only the reason is another one', () => {
    const before = { ...condition, message: 'another', observedGeneration: 1 }
    const lacking = lackingStatus(hook({ observedGeneration: 1, conditions: [before] }), verdict, now)
    expect(lacking?.conditions).toEqual([condition])
  })

  it('has a new time when it turns, and leaves conditions of others alone', () => {
    const other = { ...condition, type: 'Reviewed', status: 'True', reason: 'ByHand' }
    const before = { ...condition, status: 'True', reason: 'InForce' }
    const lacking = lackingStatus(hook({ observedGeneration: 2, conditions: [before, other] }), verdict, now)
    expect(lacking?.conditions).toEqual([other, { ...condition, lastTransitionTime: '2026-01-02T03:04:05Z' }])
  })

  it.each([
    ['generation', { generation: 3 }],
    ['object of the name', { uid: 'another' }],
  ])('is nothing where the verdict is about another %s', (_, metadata) => {
    expect(
      lackingStatus(object('a', { metadata: { generation: 2, ...metadata } }), verdict, now),
    ).toBeUndefined()
  })
})

describe('verdictsOf()', () => {
  const refusal = (hook: string, problem: string) => ({
    file: clusterSource,
    hook,
    problems: [
      { field: 'spec.url', problem },
      { field: 'spec.subject', problem: 'it is missing' },
    ],
    kept: [],
  })

  it('names each field that is wrong, and what is in force instead', () => {
    const verdicts = verdictsOf([object('a'), object('b'), object('c')], {
      placed: ['a', 'b'].map(name => placedHook(name)),
      refused: [
        refusal('ops/b', 'it is wrong'),
        refusal('ops/c', 'it is wrong'),
        { ...refusal('ops/a', 'x'), file: 'a.yaml' },
      ],
      ignored: [],
    })
    const messages = [...verdicts].map(([id, { ready, message }]) => `${id} ${ready}: ${message}`)
    expect(messages).toEqual([
      'ops/a true: Revision r-a is in force',
      'ops/b false: spec.url: it is wrong; spec.subject: it is missing; revision r-b stays in force',
      'ops/c false: spec.url: it is wrong; spec.subject: it is missing; no revision is in force',
    ])
  })

  it('fits into a condition', () => {
    const verdicts = verdictsOf([object('a')], {
      placed: [],
      refused: [refusal('ops/a', 'x'.repeat(50_000))],
      ignored: [],
    })
    expect(verdicts.get('ops/a')?.message.length).toBeLessThan(2_100)
    expect(verdicts.get('ops/a')?.message).toMatch(/…; no revision is in force$/)
  })
})
