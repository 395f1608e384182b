import { describe, expect, it } from 'vitest'
import type { Placed } from '../../../../functions/watcher/compile.ts'
import { clusterSource } from '../../../../functions/watcher/resources/hooks.ts'
import { lackingStatus, silenceVerdicts, verdictsOf } from '../../../../functions/watcher/resources/ready.ts'
import { SilenceSpec } from '../../../../shared/silence.ts'
import { object } from './objects.ts'

const placedHook = (name: string): Placed => ({
  file: clusterSource,
  hook: {
    ...{ id: `ops/${name}`, namespace: 'ops', name, revision: `r-${name}`, subject: 'ops.>', sealed: '' },
    ...{ include: [], exclude: [], type: 'webhook', matchMode: 'ANY', matchType: 'CONTAINS' },
  },
})
const message = 'spec.url: it is wrong; …'
const verdict = { uid: 'uid-a', generation: 2, ready: false, reason: 'Refused', message }
const nothing = { placed: [], refused: [], ignored: [], circles: [], waiting: [], wanted: [] }
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
      ...nothing,
      placed: ['a', 'b'].map(name => placedHook(name)),
      refused: [
        refusal('ops/b', 'it is wrong'),
        refusal('ops/c', 'it is wrong'),
        { ...refusal('ops/a', 'x'), file: 'a.yaml' },
      ],
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
      ...nothing,
      refused: [refusal('ops/a', 'x'.repeat(50_000))],
    })
    expect(verdicts.get('ops/a')?.message.length).toBeLessThan(2_100)
    expect(verdicts.get('ops/a')?.message).toMatch(/…; no revision is in force$/)
  })

  it('says which reason it is where the spec is not at fault', () => {
    const missing = { ...refusal('ops/a', 'Secret "ops/s" does not exist'), reason: 'SecretMissing' as const }
    const verdicts = verdictsOf([object('a')], { ...nothing, refused: [missing] })
    expect(verdicts.get('ops/a')).toMatchObject({ ready: false, reason: 'SecretMissing' })
  })

  it('says nothing yet of a hook whose Secret is not read', () => {
    const verdicts = verdictsOf([object('a'), object('b')], {
      ...nothing,
      placed: [placedHook('a'), placedHook('b')],
      waiting: ['ops/a'],
    })
    expect([...verdicts.keys()]).toEqual(['ops/b'])
  })

  it('tells of a circle, and that the hook is in force', () => {
    const circles = [{ file: clusterSource, hook: 'ops/a', problem: 'it and "ops/b" feed each other' }]
    const verdicts = verdictsOf([object('a')], { ...nothing, placed: [placedHook('a')], circles })
    expect(verdicts.get('ops/a')).toMatchObject({
      ready: true,
      message: 'Revision r-a is in force, but it and "ops/b" feed each other',
    })
  })
})

describe('silenceVerdicts()', () => {
  it('says whether it is taken in, why not, and what is instead', () => {
    const silence = { id: 'ops/a', namespace: 'ops', name: 'a', spec: SilenceSpec.parse({}) }
    const refused = ['ops/a', 'ops/b'].map(id => ({
      ...{ file: clusterSource, silence: id, kept: [] },
      problems: [{ field: 'spec.until', problem: 'it is missing' }],
    }))
    const placed = [{ file: clusterSource, silence }]
    const all = [object('a'), object('b')]
    const messages = (verdicts: ReturnType<typeof silenceVerdicts>) =>
      [...verdicts].map(([id, { ready, reason, message }]) => `${id} ${ready} ${reason}: ${message}`)
    expect(messages(silenceVerdicts(all.slice(0, 1), { placed, refused: [] }))).toEqual([
      'ops/a true InForce: It is taken in',
    ])
    expect(messages(silenceVerdicts(all, { placed, refused }))).toEqual([
      'ops/a false Refused: spec.until: it is missing; it stays as it was before',
      'ops/b false Refused: spec.until: it is missing; it silences nothing',
    ])
  })
})
