import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { targetSubject } from '../../../functions/hook-evaluate/target.ts'
import { subjectProblem } from '../../../shared/subject.ts'

const pod = 'ops.clusters.c1.namespaces.ns1.pods.pod1.events'

describe('targetSubject()', () => {
  it.each([
    ['ops.clusters.*.namespaces.*.pods.*.alerts', 'ops.clusters.c1.namespaces.ns1.pods.pod1.alerts'],
    ['ops.clusters.*.namespaces.*.*.*.alerts', 'ops.clusters.c1.namespaces.ns1.pods.pod1.alerts'],
    // By the rule, though hardly what was meant: a literal that differs leaves the cursor where it is.
    [
      'ops.clusters.*.namespaces.*.deployments.*.alerts',
      'ops.clusters.c1.namespaces.ns1.deployments.pods.alerts',
    ],
    ['ops.clusters.*.nodes.*.alerts', 'ops.clusters.c1.nodes.namespaces.alerts'],
    ['ops.alerts.*.*', 'ops.alerts.clusters.c1'],
    ['*.*', 'ops.clusters'],
    ['OPS.Clusters.*.Alerts', 'ops.clusters.c1.alerts'],
    ['alerts', 'ops.clusters.c1.namespaces.ns1.pods.pod1.alerts'],
    ['x.y', 'ops.clusters.c1.namespaces.ns1.pods.pod1.x.y'],
    ['ops.escalations', 'ops.escalations'],
  ])('makes of %j: %s', (target, subject) => {
    expect(targetSubject(target, pod)).toEqual({ subject })
  })

  it('keeps a name with dots whole, since it is one token', () => {
    const node = 'ops.clusters.c1.nodes.ip-10-0-0-1_ec2_internal.events'
    expect(targetSubject('ops.clusters.*.nodes.*.alerts', node)).toEqual({
      subject: 'ops.clusters.c1.nodes.ip-10-0-0-1_ec2_internal.alerts',
    })
  })

  it.each([
    ['ops.a.*.*.*', 'ops.x', 'Cannot fill target "ops.a.*.*.*": "ops.x" has no token left for "*" 4'],
    ['', pod, 'made from target "": token 8 is empty'],
    ['ops.x.>', pod, 'made from target "ops.x.>": token 3 has the character ">"'],
    ['a*b', pod, 'made from target "a*b": token 1 has the character "*"'],
    ['alerts.*', pod, 'Cannot publish on "alerts.ops", made from target "alerts.*": it is not under "ops."'],
    ['ops..x', pod, 'token 2 is empty'],
  ])('cannot use %j on %j', (target, source, problem) => {
    expect(targetSubject(target, source)).toEqual({ problem: expect.stringContaining(problem) })
  })

  it('makes only what can be published, whatever the target', () => {
    const part = fc.constantFrom('ops', '*', 'a', 'B', '', '>', 'é', 'a b', 'clusters')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), parts => {
        const made = targetSubject(parts.join('.'), pod)
        if ('subject' in made) expect(subjectProblem(made.subject)).toBeUndefined()
      }),
    )
  })
})
