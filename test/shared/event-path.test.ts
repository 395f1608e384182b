import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { subjectOf } from '../../shared/event-path.ts'
import { observations, subjectProblem } from '../../shared/subject.ts'

const place = { cluster: 'MyCluster', namespace: 'ops-system' }

describe('subjectOf()', () => {
  it.each([
    ['my-custom-event', 'ops.clusters.mycluster.namespaces.ops-system.my-custom-event'],
    ['pods.Web-0.events', 'ops.clusters.mycluster.namespaces.ops-system.pods.web-0.events'],
    [
      'ops.notifications.providers.AI.channels.webhook.severities.info',
      'ops.notifications.providers.ai.channels.webhook.severities.info',
    ],
    ['OPS.x', 'ops.x'],
    ['ops', 'ops.clusters.mycluster.namespaces.ops-system.ops'],
    ['opsx.y', 'ops.clusters.mycluster.namespaces.ops-system.opsx.y'],
    ['nodes.mynode.findings', 'ops.clusters.mycluster.nodes.mynode.findings'],
    ['nodes.ip-10-0-0-1.ec2.internal.Events', 'ops.clusters.mycluster.nodes.ip-10-0-0-1_ec2_internal.events'],
    ['nodes.a.b', 'ops.clusters.mycluster.nodes.a.b'],
    ['nodes.events', 'ops.clusters.mycluster.nodes.events'],
    ['nodes.events.events', 'ops.clusters.mycluster.nodes.events.events'],
    ['nodes', 'ops.clusters.mycluster.namespaces.ops-system.nodes'],
    ['nodesx.a.events', 'ops.clusters.mycluster.namespaces.ops-system.nodesx.a.events'],
  ])('takes %s for %s', (event, subject) => {
    expect(subjectOf(event, place)).toEqual({ subject })
  })

  it.each([
    [
      'a..b',
      /^Cannot publish on "ops\.clusters\.mycluster\.namespaces\.ops-system\.a\.\.b": token 7 is empty$/,
    ],
    ['ops..pods', /token 2 is empty/],
    ['ops.', /token 2 is empty/],
    ['nodes..events', /token 5 is empty/],
    ['nodes.a..b.events', /token 6 is empty/],
    ['nodes.a .events', /token 5 has the character " "/],
    ['a.', /token 7 is empty/],
    ['', /token 6 is empty/],
    ['a b', /has the character " "/],
    ['a.*', /has the character "\*"/],
    ['a.>', /has the character ">"/],
    ['a\r\nPUB x 1', /has the character "\\r"/],
    ['\u212aubernetes', /has the character "\u212a"/],
    ['a.'.repeat(300), /it has 306 tokens, at most 32 are allowed/],
    ['a'.repeat(100_000), /characters, at most 1024 are allowed/],
  ])('refuses %j', (event, problem) => {
    const refused = subjectOf(event, place)
    expect(refused).toEqual({ problem: expect.stringMatching(problem) })
    expect(JSON.stringify(refused).length).toBeLessThan(300)
  })

  it('refuses a namespace that is not one name', () => {
    expect(subjectOf('a', { ...place, namespace: 'a.b' })).toEqual({
      problem: expect.stringMatching(/namespace "a\.b": a "\." cannot stand/),
    })
    expect(subjectOf('a', { ...place, namespace: '' })).toHaveProperty('problem')
  })

  it('replaces in the name of the cluster, which is ours', () => {
    expect(subjectOf('a', { ...place, cluster: 'eu.west 1' })).toEqual({
      subject: 'ops.clusters.eu_west_1.namespaces.ops-system.a',
    })
  })

  it('makes a subject of ours of anything, or refuses it', () => {
    const event = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom('a', 'B', '.', '-', 'nodes.', 'ops.', '.events'), maxLength: 12 }),
    )
    fc.assert(
      fc.property(event, event => {
        const made = subjectOf(event, place)
        if ('problem' in made) return
        expect(made.subject).toMatch(/^ops\../)
        expect(subjectProblem(made.subject)).toBeUndefined()
        expect(made.subject).toBe(made.subject.toLowerCase())
        expect(subjectOf(made.subject, place)).toEqual(made)
      }),
      { numRuns: 1_000 },
    )
  })

  it('makes of a node and what was seen of it exactly five tokens and its name', () => {
    const name = fc.domain()
    fc.assert(
      fc.property(name, fc.constantFrom(...observations), (name, observation) => {
        expect(subjectOf(`nodes.${name}.${observation}`, place)).toEqual({
          subject: `ops.clusters.mycluster.nodes.${name.replaceAll('.', '_').toLowerCase()}.${observation}`,
        })
      }),
    )
  })
})
