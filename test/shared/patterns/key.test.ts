import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyName, patternSubject } from '../../../shared/patterns/key.ts'
import { subjectProblem } from '../../../shared/subject.ts'

const key = (reason: string, kind: string, namespace: string) => ({
  cluster: 'prod',
  reason,
  kind,
  namespace,
})

describe('the key of a pattern', () => {
  it('is readable where its parts are as Kubernetes writes them', () => {
    expect(patternSubject(key('BackOff', 'Pod', 'shop'))).toBe(
      'ops.clusters.prod.patterns.backoff-pod-shop.alerts',
    )
    expect(keyName(key('NodeNotReady', 'Node', ''))).toBe('nodenotready-node')
    expect(keyName(key('BackOff', 'Pod', 'shop-eu-1'))).toBe('backoff-pod-shop-eu-1')
  })

  it('has a hash behind what could be read in two ways', () => {
    const twins = [key('a-b', 'c', 'd'), key('a', 'b-c', 'd'), key('a', 'b', 'c-d'), key('A-b', 'C', 'd')]
    const names = twins.map(keyName)
    expect(new Set(names).size).toBe(twins.length)
    for (const name of names) expect(name).toMatch(/^a-b-c-d-[0-9a-f]{8}$/)
  })

  it('is one token, whatever it is made of, and another for another pattern', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.stringMatching(/^[A-Za-z-]{0,4}$/),
    )
    fc.assert(
      fc.property(part, part, part, part, (reason, kind, namespace, other) => {
        const one = key(`R${reason}`, kind, namespace)
        expect(subjectProblem(patternSubject(one))).toBeUndefined()
        expect(patternSubject(one).split('.')).toHaveLength(6)
        const another = key(`R${reason}`, other, namespace)
        if (kind !== other && kind.toLowerCase() !== other.toLowerCase())
          expect(keyName(another)).not.toBe(keyName(one))
      }),
      { seed: 6 },
    )
  })
})
